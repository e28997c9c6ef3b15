use super::*;

fn lex(source: &str) -> (Vec<String>, Vec<String>) {
    let mut problems = Vec::new();
    let pieces = pieces(source, &mut problems);
    let shown = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Output(tag) | Piece::Block(tag) => {
            let kinds: Vec<_> = tag.tokens.iter().map(|token| token.kind).collect();
            format!("{}..{}:{kinds:?}", tag.start, tag.end)
        }
    };
    let problems = problems
        .iter()
        .map(|p| format!("{}:{} {}", p.line, p.column, p.message));
    (pieces.iter().map(shown).collect(), problems.collect())
}

#[test]
fn a_source_is_split_into_text_and_tags() {
    let (pieces, problems) = lex("Hi {{- a.b | default('x}}y') -}}!{% if not (a == \"b\") %}");
    assert_eq!(
        pieces,
        [
            "Hi ",
            "3..32:[Word(\"a.b\"), Pipe, Word(\"default\"), Open, Text(\"x}}y\"), Close]",
            "!",
            "33..56:[Word(\"if\"), Word(\"not\"), Open, Word(\"a\"), Equal, Text(\"b\"), Close]",
        ]
    );
    assert!(problems.is_empty());
}

#[test]
fn braces_alone_are_text() {
    let (pieces, problems) = lex("a { b } }} %} #} {");
    assert_eq!(pieces, ["a { b } }} %} #} {"]);
    assert!(problems.is_empty());
}

#[test]
fn each_bad_tag_is_a_problem_and_the_next_is_read() {
    let (pieces, problems) = lex("{{ a[0] }}\n{# x #} {{ 'a\\'b' }}{{ ok }}{{ a");
    assert!(
        pieces.iter().any(|piece| piece.contains("Word(\"ok\")")),
        "{pieces:?}"
    );
    let places: Vec<_> = problems.iter().map(|text| text.split(' ').next()).collect();
    assert_eq!(
        places,
        [Some("1:5"), Some("2:1"), Some("2:14"), Some("2:29")],
        "{problems:?}"
    );
}
