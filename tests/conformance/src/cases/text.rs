//! Text, code point by code point.

use service_end::event::{BusinessValue, FixedFields, ServiceEndEvent};
use service_end::storage::Commit;
use service_end::value::{BoundedText, BusinessName};

use crate::bench::{Bench, commit, completion, end, holds, present};
use crate::fault::Fault;
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, built, event, everything, records};

/// Commits the texts, as records of one extension and in the fixed fields, and demands them back.
async fn keeps<F: AsyncFixture>(bench: &mut Bench<F>, texts: &[&str]) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    let kept = records(&everything()?, texts, |record, text| {
        record.set("text", *text);
    })?;
    end(&storage, &mut service, event(1, [kept])?).await?;
    // All texts of the tables fit all fields.
    let mut rest = texts.iter().copied().cycle();
    for _ in 0..texts.len().div_ceil(7) {
        let fields = FixedFields {
            session_id: rest.next().and_then(bounded),
            interaction_id: rest.next().and_then(bounded),
            application_type: rest.next().and_then(name),
            resource_type: rest.next().and_then(name),
            media_type: rest.next().and_then(name),
            disposition: rest.next().and_then(name),
            disposition_desc: rest.next().and_then(bounded),
            ..FixedFields::default()
        };
        let event = built(ServiceEndEvent::builder().timestamp(ENDED).fields(fields))?;
        end(&storage, &mut service, event).await?;
    }
    Ok(())
}

fn bounded<const MAX: usize>(text: &str) -> Option<BoundedText<MAX>> {
    BoundedText::new(text).ok()
}

fn name(text: &str) -> Option<BusinessValue> {
    BusinessName::new(text).map(BusinessValue::Name).ok()
}

pub(crate) async fn text_keeps_its_case<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let texts =
        ["Paris", "PARIS", "paris", "pARIS", "Straße", "STRASSE", "İstanbul", "ıI", "Σίσυφος", "ǅ", "ﬁ"];
    keeps(bench, &texts).await
}

pub(crate) async fn text_is_not_normalised<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let texts = [
        // One code point, and letter and mark.
        "caf\u{e9}",
        "cafe\u{301}",
        // Two marks, in either order.
        "q\u{307}\u{323}",
        "q\u{323}\u{307}",
        // Characters that are others in every normal form.
        "\u{212b} \u{2126} \u{212a}",
        "\u{340}\u{374}\u{387}",
        // Hangul as a syllable, and as its parts.
        "\u{d55c}",
        "\u{1112}\u{1161}\u{11ab}",
        // Compatibility forms.
        "\u{fb01} \u{2460} \u{ff21} \u{33a5}",
        // A mark without a letter.
        "\u{301}",
    ];
    keeps(bench, &texts).await
}

pub(crate) async fn text_keeps_its_spaces<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let texts = [
        " ",
        "   ",
        " before",
        "after ",
        "in  between",
        "\t",
        "\n",
        "a\r\nb\rc\nd\n",
        "\u{a0}\u{3000}",
        "\u{2028}\u{2029}",
    ];
    keeps(bench, &texts).await
}

pub(crate) async fn text_keeps_characters_of_every_script<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    // As many characters beyond U+FFFF as the shortest field takes: a store that counts bytes cuts them off.
    let astral = "\u{1f600}".repeat(32);
    let texts = [
        "Žluťoučký kůň",
        "שלום \u{202e}עולם\u{202c}",
        "مرحبا بالعالم",
        "中文字符",
        "日本語テキスト",
        "नमस्ते",
        "𠜎𠜱𡇙 𝔘𝔫𝔦",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 🇨🇭 👍🏽",
        &astral,
        "\u{10000}\u{10fffd}",
        // Next to the surrogates, which are no characters.
        "\u{d7ff}\u{e000}",
        "z\u{335}\u{321}\u{34f}\u{31b}\u{316}",
    ];
    keeps(bench, &texts).await
}

pub(crate) async fn text_keeps_quotes_and_control_characters<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let controls: String = ('\u{1}'..='\u{1f}').collect();
    let later_controls: String = ('\u{7f}'..='\u{9e}').collect();
    let texts = [
        &controls,
        &later_controls,
        "\"",
        "'",
        "''; DROP TABLE services; --",
        "`",
        "\\",
        "\\\\",
        "\\u0041",
        "\\n",
        "\\0",
        "%s %d {}",
        "%_[]*?",
        "$1 :name @p",
        "{\"a\":1}",
        "[]",
        "null",
        "NULL",
        "</script>&amp;",
        "/a/b~c",
        "\u{1b}[31m",
    ];
    keeps(bench, &texts).await
}

pub(crate) async fn text_keeps_characters_that_mean_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let texts = [
        // The replacement character, which is a character like others; non-characters; private use.
        "\u{fffd}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{fdd0}\u{fdef}",
        "\u{1fffe}\u{1ffff}",
        "\u{10fffe}\u{10ffff}",
        "\u{e000}\u{f8ff}",
        // Marks of byte order and direction, and joiners, at the front and at the end.
        "\u{feff}text\u{feff}",
        "\u{200b}\u{200e}text\u{200f}\u{2060}",
        "\u{ad}\u{fe0f}\u{e0001}",
    ];
    keeps(bench, &texts).await
}

pub(crate) async fn an_empty_text_is_not_a_missing_one<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    keeps(bench, &["", "", "", "", "", "", ""]).await?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    let kept = records(&everything()?, [Some(""), None, Some(" "), Some("")], |record, text| {
        if let Some(text) = text {
            record.set("text", text);
        }
    })?;
    end(&storage, &mut service, event(1, [kept])?).await?;
    Ok(())
}

pub(crate) async fn a_text_of_100_000_characters_is_kept<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let text: String = "Long text, žluťoučký, 長い, 🙂.\n".chars().cycle().take(100_000).collect();
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    let kept = records(&everything()?, [&text], |record, text| {
        record.set("text", &**text);
    })?;
    let read = present(&storage, service.id).await?;
    let completion = completion(&read, event(1, [kept])?)?;
    match commit(&storage, &completion).await? {
        Commit::Committed => service.apply(&completion),
        Commit::TooLarge => return Err(Fault::skip("the store answers that it can never take so much")),
        other => return Err(Fault::new("the answer Committed", format!("{other:?}"))),
    }
    holds(&storage, &service).await
}
