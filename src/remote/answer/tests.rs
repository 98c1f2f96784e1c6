use proptest::prelude::*;

use super::samples::{all, elb};
use super::*;

fn checked(form: &str, answer: &str) -> Result<(), BrokenAnswer> {
    check(200, form.as_bytes(), answer.as_bytes())
}

#[test]
fn whole_answers_are_believed() {
    for (form, answer) in all() {
        assert_eq!(checked(form, &answer), Ok(()), "{form}");
        let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{answer}\n");
        assert_eq!(checked(form, &declared), Ok(()), "{form}");
    }
}

#[test]
fn an_answer_cut_before_any_of_its_tags_is_broken() {
    for (form, answer) in all() {
        for (cut, _) in answer.match_indices('<') {
            assert!(checked(form, &answer[..cut]).is_err(), "{form}: {}", &answer[..cut]);
        }
    }
}

proptest! {
    #[test]
    fn an_answer_cut_anywhere_or_with_a_hole_is_broken(kind in 0..32usize, from in 0.0..1.0f64, length in 1..40usize) {
        let (form, answer) = all().swap_remove(kind % all().len());
        let from = (from * answer.len() as f64) as usize;
        prop_assert!(check(200, form.as_bytes(), &answer.as_bytes()[..from]).is_err());
        // What is left may be a whole document again; it must not be believed to be without what was in the hole.
        let end = (from + length).min(answer.len());
        let holed = [&answer[..from], &answer[end..]].concat();
        if checked(form, &holed).is_ok() {
            let document = Document::parse(&holed).unwrap();
            let names = |xml: &str| Document::parse(xml).unwrap().descendants().filter(Node::is_element).count();
            prop_assert!(names(&holed) + 2 >= names(&answer) || document.root_element().has_children());
        }
    }
}

#[test]
fn what_an_item_must_have_is_missed() {
    for (form, answer) in all() {
        let action = Form::read(form.as_bytes()).value("Action").to_owned();
        let Some(items) = ITEMS.iter().find(|items| items.actions.contains(&action.as_str())) else { continue };
        let document = Document::parse(&answer).unwrap();
        let item =
            document.descendants().find(|node| node.parent().is_some_and(|it| it.tag_name().name() == items.list));
        for path in items.required.iter().chain((items.more)(item.unwrap())) {
            let name = path.rsplit('/').next().unwrap();
            for without in [without(&answer, name), emptied(&answer, name)] {
                let error = checked(form, &without).expect_err(&without).to_string();
                assert!(error.contains("lacks"), "{action} {path}: {error}");
            }
        }
        assert!(checked(form, &answer.replace(items.list, "Other")).is_err(), "{action}: no list is no empty list");
    }
}

/// The first element of that name, taken out with its content.
fn without(answer: &str, name: &str) -> String {
    let (start, end) = place(answer, name);
    [&answer[..start], &answer[end..]].concat()
}

fn emptied(answer: &str, name: &str) -> String {
    let (start, end) = place(answer, name);
    format!("{}<{name}/>{}", &answer[..start], &answer[end..])
}

fn place(answer: &str, name: &str) -> (usize, usize) {
    // `Type` of a listener is that of its action.
    let start = answer.find(&format!("<{name}>")).unwrap();
    let end = answer[start..].find(&format!("</{name}>")).unwrap() + start + name.len() + 3;
    (start, end)
}

#[test]
fn an_empty_list_is_an_answer_and_one_of_other_things_is_none() {
    let empty = |action: &str, list: &str| elb(action, list, "");
    assert_eq!(checked("Action=DescribeTargetGroups", &empty("DescribeTargetGroups", "TargetGroups")), Ok(()));
    assert_eq!(checked("Action=DescribeListeners&LoadBalancerArn=x", &empty("DescribeListeners", "Listeners")), Ok(()));
    for (form, index) in [
        ("Action=DescribeTargetGroups&TargetGroupArns.member.1=x", 3),
        ("Action=DescribeTargetGroups&Names.member.1=x", 3),
        ("Action=DescribeListeners&ListenerArns.member.1=x", 7),
        ("Action=DescribeLoadBalancers&LoadBalancerArns.member.1=x", 0),
        ("Action=DescribeLoadBalancers&Names.member.1=x", 0),
    ] {
        let (_, of_another) = all().swap_remove(index);
        let error = checked(form, &of_another).unwrap_err().to_string();
        assert!(error.contains("lacks x, which was asked for"), "{error}");
    }
    assert_eq!(
        checked("Action=DescribeListeners&ListenerArns.member.1=x", &empty("DescribeListeners", "Listeners")),
        Ok(())
    );
    assert!(checked("Action=DescribeTags&ResourceArns.member.1=x", &empty("DescribeTags", "TagDescriptions")).is_err());
    assert!(checked("Action=CreateListener", &empty("CreateListener", "Listeners")).is_err());
    let (_, answer) = all().swap_remove(3);
    let other = "Action=DescribeTargetGroups&TargetGroupArns.member.1=arn%3Aother";
    assert!(checked(other, &answer).unwrap_err().to_string().contains("arn:other"));
    let paged =
        answer.replace("</DescribeTargetGroupsResult>", "<NextMarker>m</NextMarker></DescribeTargetGroupsResult>");
    assert_eq!(checked(other, &paged), Ok(()), "it may be on the next page");
    let two = format!("{other}&TargetGroupArns.member.2=arn%3Atg");
    assert_eq!(checked(&two, &answer), Ok(()), "whoever asks for several asks for what is missing again");
}

#[test]
fn what_is_another_answer_or_none_is_broken() {
    let (form, _) = all().swap_remove(0);
    let (_, other) = all().swap_remove(3);
    for body in ["", " ", "<html><body>Sign in</body></html>", "not XML", &other, "{}"] {
        assert!(checked(form, body).is_err(), "{body}");
    }
    assert!(check(200, form.as_bytes(), &[0xff, 0xfe]).is_err());
}

#[test]
fn an_error_needs_its_code_unless_it_is_not_of_aws() {
    let error = "<ErrorResponse><Error><Code>LoadBalancerNotFound</Code><Message>no</Message></Error></ErrorResponse>";
    let of = |status, body: &str| check(status, b"Action=DescribeLoadBalancers", body.as_bytes());
    assert_eq!(of(400, error), Ok(()));
    for (cut, _) in error.match_indices('<').skip(1) {
        assert!(of(400, &error[..cut]).is_err(), "{}", &error[..cut]);
    }
    assert!(of(400, "<ErrorResponse><Error><Message>no</Message></Error></ErrorResponse>").is_err());
    assert!(of(400, "<ErrorResponse/>").is_err());
    assert_eq!(of(403, "<html>Blocked</html>"), Ok(()), "the SDK makes an error of it, which isn't repeated");
    assert_eq!(of(503, "<ErrorRes"), Ok(()), "repeated anyway");
}
