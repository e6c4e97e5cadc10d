/** A hole that can be opened. */
export interface Switch {
  readonly name: string
  /** The section of gateway.md, and the thread where there is one, that the hole was seen in. */
  readonly cites: string
  /** What of a request is not looked at: `endpoint:path`. */
  readonly blindIn?: RegExp
  /** What of an answer or event is not looked at: `endpoint:event:path`. */
  readonly blindOut?: RegExp
  /** Texts that are not searched for pictures. */
  readonly blindPictures?: RegExp
  /** Texts whose words are taken as they stand. */
  readonly blindWords?: RegExp
}

const blindIn = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindIn: where })
const blindOut = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindOut: where })
const blindPictures = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindPictures: where })
const blindWords = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindWords: where })
const behaves = (name: string, cites: string): Switch => ({ name, cites })

/** Every hole. */
export const SWITCHES: readonly Switch[] = [
  blindIn("system-text-unread", "gateway.md 5.5: system/developer text", /^chat:messages\[0\]/),
  blindIn(
    "tool-results-unread",
    "gateway.md 5.5: tool results; api7/aisix#558",
    /^(chat:messages\[2\]|responses:input\[\d\]\.output)/,
  ),
  blindIn("replayed-arguments-unread", "gateway.md 4: BerriAI/litellm PR 35999", /arguments$/),
  blindIn("names-unread", "gateway.md 5.5: name fields", /^chat:messages\[\d\]\.name$/),
  blindIn(
    "tool-definitions-unread",
    "gateway.md 5.5: tool definitions",
    /:tools\[\d\](\.function)?\.(name|description)$/,
  ),
  blindIn("schemas-unread", "gateway.md 5.5: JSON-schema descriptions", /parameters\.|json_schema|text\.format/),
  blindIn("metadata-unread", "gateway.md 5.5: metadata", /:metadata/),
  blindIn("field-names-unread", "gateway.md 5.5: JSON-schema descriptions", /\{\}$/),
  blindIn("pictures-unread", "gateway.md 4: BerriAI/litellm PR 38175", /image_url/),
  blindIn("responses-input-unread", "gateway.md 4: BerriAI/litellm PR 38734", /^responses:/),
  blindIn("embeddings-unread", "gateway.md 5.5: embeddings", /^embeddings:/),
  blindIn("suffix-unread", "gateway.md 5.5: completions with suffix", /^completions:suffix/),
  blindIn("picture-prompt-unread", "gateway.md 5.4: check prompt", /^images\.generations:prompt/),
  blindIn("mask-unread", "gateway.md 5.4: every part incl. mask", /^images\.edits:mask/),
  blindIn("picture-arrays-unread", "gateway.md 5.4: image[] variant", /^images\.edits:image\[\]/),
  behaves("declared-type-believed", "gateway.md 5.4: content sniffing"),
  behaves("last-message-only", "gateway.md 4: api7/aisix#558, replayed turns"),
  behaves("raw-bytes-forwarded", "gateway.md 5.5: duplicate JSON keys"),
  behaves("packed-bodies-forwarded", "gateway.md 5.5: compressed bodies"),
  behaves("unknown-routes-proxied", "gateway.md 5.5: unknown routes, never generic passthrough"),
  behaves("links-passed-on", "gateway.md 5.4: fetch-twice TOCTOU"),
  behaves("stored", "gateway.md 5.5: store"),
  behaves("background", "gateway.md 5.5: background:true polling"),
  behaves("earlier-responses", "gateway.md 5.5: previous_response_id, conversation"),
  behaves("prompt-templates", "gateway.md 5.5: prompt-template ids"),
  behaves("token-numbers-forwarded", "gateway.md 5.5: embeddings (input only)"),
  behaves("header-switches-checks-off", "gateway.md 4: BerriAI/litellm PR 39702"),
  behaves("query-forwarded", "gateway.md 5.5: unknown routes"),
  behaves("streams-unread", "gateway.md 4: api7/aisix#204"),
  behaves("streams-released-first", "gateway.md 4: api7/aisix PR 512"),
  behaves("deltas-judged-apart", "gateway.md 5.1: accumulate per choice and tool"),
  blindOut("first-choice-only", "gateway.md 5.1: n>1 scans all", /^(chat|completions):.*choices\[1\]/),
  blindOut("called-arguments-unread", "gateway.md 4: api7/aisix PR 553", /arguments/),
  blindOut("called-names-unread", "gateway.md 5.1: tool name", /tool_calls\[0\]\.function\.name/),
  blindOut("refusals-unread", "gateway.md 5.1: accumulate refusal", /refusal/),
  blindOut("reasoning-unread", "gateway.md 5.1: accumulate reasoning_content", /reasoning|summary/),
  blindOut("logprobs-unread", "gateway.md 5.1: drop logprobs", /logprobs/),
  blindOut("padding-unread", "gateway.md 5.1: drop obfuscation", /obfuscation/),
  blindOut("done-text-unread", "gateway.md 5.1: the full text repeats", /output_text\.done|content_part\.done/),
  blindOut("done-items-unread", "gateway.md 5.1: the full text repeats", /output_item\.done/),
  blindOut("last-event-unread", "gateway.md 5.1: the full text repeats", /response\.completed/),
  blindOut("unknown-events-unread", "gateway.md 5.1: unknown event types", /x_extra/),
  blindOut("partial-pictures-unread", "gateway.md 5.1: partial_image", /partial_image/),
  blindOut("failed-responses-unread", "gateway.md 4: BerriAI/litellm PR 38734", /response\.failed/),
  blindOut(
    "incomplete-responses-unread",
    "gateway.md 4: BerriAI/litellm PR 38734",
    /^responses:.*output\[0\]\.content/,
  ),
  blindOut("made-pictures-unread", "gateway.md 5.4: each image", /b64_json/),
  blindOut("revised-prompt-unread", "gateway.md 5.4: revised_prompt", /revised_prompt/),
  behaves("picture-links-passed-on", "gateway.md 5.4: url mode"),
  behaves("blocked-pictures-left-out", "gateway.md 5.4: never a missing item"),
  behaves("error-in-success-passed-on", "gateway.md 4: BerriAI/litellm PR 36119"),
  behaves("errors-passed-on", "gateway.md 4: leaks by the guard itself"),
  behaves("comments-passed-on", "gateway.md 5.1: comments ignored"),
  behaves("only-line-feeds", "gateway.md 5.1: lines end in LF, CR or CR LF"),
  behaves("characters-cut", "gateway.md 5.1: UTF-8 may split across chunks"),
  behaves("truncation-hidden", "gateway.md 5.2: end without [DONE] is a silent success"),
  behaves("upstream-not-cancelled", "gateway.md 5.1: propagate client abort"),
  behaves("blocked-as-446", "gateway.md 5.2: 446 is sent again"),
  behaves("blocked-as-500", "gateway.md 5.2: 5xx is sent again"),
  behaves("blocked-with-another-type", "gateway.md 5.2: type content_filter causes retries"),
  behaves("retry-header-missing", "gateway.md 5.2: x-should-retry"),
  behaves("refusal-quotes", "gateway.md 4: api7/aisix#153"),
  behaves("refusal-is-no-json", "gateway.md 5.2: body"),
  behaves("stream-refusal-is-no-event", "gateway.md 4: googleapis/js-genai#1973"),
  behaves("finish-reason-missing", "gateway.md 4: anomalyco/opencode#43379"),
  behaves("last-event-missing", "gateway.md 5.2: [DONE]"),
  behaves("numbers-restart", "gateway.md 5.1: monotonic sequence_number"),
  blindPictures("pictures-in-texts-unread", "found.md G1 to G7", /./),
  blindPictures("first-picture-of-a-text-only", "found.md G1", /data:image[\s\S]*data:image/),
  blindPictures("escapes-in-urls-kept", "found.md G2", /\\[/ux]/),
  blindPictures("type-of-a-url-believed", "found.md G3", /data:(?!image\/png;base64,|text\/html|image\/svg)/i),
  blindPictures("percent-bytes-unread", "found.md G4", /,%89/),
  blindPictures("references-in-urls-kept", "found.md G5", /&(?:#|colon)/),
  blindPictures("documents-in-urls-unopened", "found.md G6", /data:(?:text\/html|image\/svg)/),
  blindPictures("bare-base64-unread", "found.md G7", /^(?!.*data:)/s),
  behaves("parts-read-apart", "found.md G8 and G9"),
  blindWords("astral-characters-cut", "found.md G10", /[\u{10000}-\u{10ffff}]/u),
  blindWords("references-in-words-kept", "found.md G11", /&/),
  blindWords("markup-kept", "found.md G12", /<b>/),
  blindPictures("png-only", "gateway.md 5.4: content sniffing", /data:image\/(?!png)|here: (?!iVBOR)/),
]

/** Puts the phrase that it blocks into every answer, as a header and as a field. */
export const TELLS_ITS_LIST = behaves("tells-its-list", "gateway.md 4: leaks by the guard itself")

/** Answers every streamed call with an error. */
export const STREAMS_FAIL = behaves("streams-fail", "gateway.md 1A: streaming output")
