//! What an ELF file (64 bits, little endian) asks of the machine. Field offsets are those of elf(5).

/// The needs of a program.
#[derive(Debug, Default)]
pub struct Elf {
    /// The dynamic linker that the kernel must find.
    pub interpreter: Option<String>,
    /// The shared libraries that the linker must find.
    pub needed: Vec<String>,
}

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;

/// One program header.
struct Segment {
    kind: u64,
    offset: usize,
    address: u64,
    size: usize,
}

impl Elf {
    /// # Panics
    /// If this is no such file.
    pub fn parse(file: &[u8]) -> Elf {
        assert_eq!(file[..6], *b"\x7fELF\x02\x01", "a 64-bit little-endian ELF file");
        let segments = segments(file);
        let interpreter = segments.iter().find(|segment| segment.kind == PT_INTERP);
        Elf {
            interpreter: interpreter.map(|segment| text(file, segment.offset)),
            needed: segments
                .iter()
                .filter(|segment| segment.kind == PT_DYNAMIC)
                .flat_map(|dynamic| needed(file, &segments, dynamic))
                .collect(),
        }
    }
}

fn segments(file: &[u8]) -> Vec<Segment> {
    let (table, size, count) =
        (number(file, 32, 8) as usize, number(file, 54, 2) as usize, number(file, 56, 2) as usize);
    assert!(count > 0, "program headers");
    let at = (0..count).map(|index| table + index * size);
    at.map(|at| Segment {
        kind: number(file, at, 4),
        offset: number(file, at + 8, 8) as usize,
        address: number(file, at + 16, 8),
        size: number(file, at + 32, 8) as usize,
    })
    .collect()
}

fn needed(file: &[u8], segments: &[Segment], dynamic: &Segment) -> Vec<String> {
    let entries = (dynamic.offset..dynamic.offset + dynamic.size).step_by(16);
    let entries: Vec<(u64, u64)> = entries
        .map(|at| (number(file, at, 8), number(file, at + 8, 8)))
        .take_while(|(tag, _)| *tag != DT_NULL)
        .collect();
    let Some((_, strings)) = entries.iter().find(|(tag, _)| *tag == DT_STRTAB) else { return Vec::new() };
    // The table is given by its address in memory.
    let loaded = |segment: &&Segment| {
        segment.kind == PT_LOAD && (segment.address..segment.address + segment.size as u64).contains(strings)
    };
    let segment = segments.iter().find(loaded).unwrap();
    let strings = segment.offset + (strings - segment.address) as usize;
    let names = entries.iter().filter(|(tag, _)| *tag == DT_NEEDED);
    names.map(|(_, name)| text(file, strings + *name as usize)).collect()
}

fn number(file: &[u8], at: usize, length: usize) -> u64 {
    file[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn text(file: &[u8], at: usize) -> String {
    let end = file[at..].iter().position(|byte| *byte == 0).unwrap();
    String::from_utf8(file[at..at + end].to_vec()).unwrap()
}
