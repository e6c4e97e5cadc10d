/** A hole that can be opened. */
export interface Switch {
  readonly name: string
  /** Public report of the hole, or the part of the API that it concerns. */
  readonly cites: string
  /** Parts of a request that are not inspected: `endpoint:path`. */
  readonly blindIn?: RegExp
  /** Parts of an answer or event that are not inspected: `endpoint:event:path`. */
  readonly blindOut?: RegExp
  /** Texts that are not searched for pictures. */
  readonly blindPictures?: RegExp
  /** Texts whose words are not normalised. */
  readonly blindWords?: RegExp
}

const blindIn = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindIn: where })
const blindOut = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindOut: where })
const blindPictures = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindPictures: where })
const blindWords = (name: string, cites: string, where: RegExp): Switch => ({ name, cites, blindWords: where })
const behaves = (name: string, cites: string): Switch => ({ name, cites })

/** Every hole. */
export const SWITCHES: readonly Switch[] = [
  blindIn("system-text-unread", "system/developer text", /^chat:messages\[0\]/),
  blindIn("tool-results-unread", "tool results; api7/aisix#558", /^(chat:messages\[2\]|responses:input\[\d\]\.output)/),
  blindIn("replayed-arguments-unread", "BerriAI/litellm PR 35999", /arguments$/),
  blindIn("names-unread", "name fields", /^chat:messages\[\d\]\.name$/),
  blindIn("tool-definitions-unread", "tool definitions", /:tools\[\d\](\.function)?\.(name|description)$/),
  blindIn("schemas-unread", "JSON-schema descriptions", /parameters\.|json_schema|text\.format/),
  blindIn("metadata-unread", "metadata", /:metadata/),
  blindIn("field-names-unread", "JSON-schema descriptions", /\{\}$/),
  blindIn("pictures-unread", "BerriAI/litellm PR 38175", /image_url/),
  blindIn("responses-input-unread", "BerriAI/litellm PR 38734", /^responses:/),
  blindIn("embeddings-unread", "embeddings", /^embeddings:/),
  blindIn("suffix-unread", "completions with suffix", /^completions:suffix/),
  blindIn("picture-prompt-unread", "check prompt", /^images\.generations:prompt/),
  blindIn("mask-unread", "every part incl. mask", /^images\.edits:mask/),
  blindIn("picture-arrays-unread", "image[] variant", /^images\.edits:image\[\]/),
  behaves("declared-type-believed", "content sniffing"),
  behaves("last-message-only", "api7/aisix#558, replayed turns"),
  behaves("raw-bytes-forwarded", "duplicate JSON keys"),
  behaves("packed-bodies-forwarded", "compressed bodies"),
  behaves("unknown-routes-proxied", "unknown routes, never generic passthrough"),
  behaves("links-passed-on", "fetch-twice TOCTOU"),
  behaves("stored", "store"),
  behaves("background", "background:true polling"),
  behaves("earlier-responses", "previous_response_id, conversation"),
  behaves("prompt-templates", "prompt-template ids"),
  behaves("token-numbers-forwarded", "embeddings (input only)"),
  behaves("header-switches-checks-off", "BerriAI/litellm PR 39702"),
  behaves("query-forwarded", "unknown routes"),
  behaves("streams-unread", "api7/aisix#204"),
  behaves("streams-released-first", "api7/aisix PR 512"),
  behaves("deltas-judged-apart", "accumulate per choice and tool"),
  blindOut("first-choice-only", "n>1 scans all", /^(chat|completions):.*choices\[1\]/),
  blindOut("called-arguments-unread", "api7/aisix PR 553", /arguments/),
  blindOut("called-names-unread", "tool name", /tool_calls\[0\]\.function\.name/),
  blindOut("refusals-unread", "accumulate refusal", /refusal/),
  blindOut("reasoning-unread", "accumulate reasoning_content", /reasoning|summary/),
  blindOut("logprobs-unread", "drop logprobs", /logprobs/),
  blindOut("padding-unread", "drop obfuscation", /obfuscation/),
  blindOut("done-text-unread", "the full text repeats", /output_text\.done|content_part\.done/),
  blindOut("done-items-unread", "the full text repeats", /output_item\.done/),
  blindOut("last-event-unread", "the full text repeats", /response\.completed/),
  blindOut("unknown-events-unread", "unknown event types", /x_extra/),
  blindOut("partial-pictures-unread", "partial_image", /partial_image/),
  blindOut("failed-responses-unread", "BerriAI/litellm PR 38734", /response\.failed/),
  blindOut("incomplete-responses-unread", "BerriAI/litellm PR 38734", /^responses:.*output\[0\]\.content/),
  blindOut("made-pictures-unread", "each image", /b64_json/),
  blindOut("revised-prompt-unread", "revised_prompt", /revised_prompt/),
  behaves("picture-links-passed-on", "url mode"),
  behaves("blocked-pictures-left-out", "never a missing item"),
  behaves("error-in-success-passed-on", "BerriAI/litellm PR 36119"),
  behaves("errors-passed-on", "leaks by the guard itself"),
  behaves("comments-passed-on", "comments ignored"),
  behaves("only-line-feeds", "lines end in LF, CR or CR LF"),
  behaves("characters-cut", "UTF-8 may split across chunks"),
  behaves("truncation-hidden", "end without [DONE] is a silent success"),
  behaves("upstream-not-cancelled", "propagate client abort"),
  behaves("blocked-as-446", "446 is sent again"),
  behaves("blocked-as-500", "5xx is sent again"),
  behaves("blocked-with-another-type", "type content_filter causes retries"),
  behaves("retry-header-missing", "x-should-retry"),
  behaves("refusal-quotes", "api7/aisix#153"),
  behaves("refusal-is-no-json", "body"),
  behaves("stream-refusal-is-no-event", "googleapis/js-genai#1973"),
  behaves("finish-reason-missing", "anomalyco/opencode#43379"),
  behaves("last-event-missing", "[DONE]"),
  behaves("numbers-restart", "monotonic sequence_number"),
  blindPictures("pictures-in-texts-unread", "pictures written within texts", /./),
  blindPictures("first-picture-of-a-text-only", "pictures written within texts", /data:image[\s\S]*data:image/),
  blindPictures("escapes-in-urls-kept", "pictures written within texts", /\\[/ux]/),
  blindPictures(
    "type-of-a-url-believed",
    "pictures written within texts",
    /data:(?!image\/png;base64,|text\/html|image\/svg)/i,
  ),
  blindPictures("percent-bytes-unread", "pictures written within texts", /,%89/),
  blindPictures("references-in-urls-kept", "pictures written within texts", /&(?:#|colon)/),
  blindPictures("documents-in-urls-unopened", "pictures written within texts", /data:(?:text\/html|image\/svg)/),
  blindPictures("bare-base64-unread", "pictures written within texts", /^(?!.*data:)/s),
  behaves("parts-read-apart", "pictures written within texts"),
  blindWords("astral-characters-cut", "pictures written within texts", /[\u{10000}-\u{10ffff}]/u),
  blindWords("references-in-words-kept", "pictures written within texts", /&/),
  blindWords("markup-kept", "pictures written within texts", /<b>/),
  blindPictures("png-only", "content sniffing", /data:image\/(?!png)|here: (?!iVBOR)/),
]

/** Puts the phrase that it blocks into every answer, as a header and as a field. */
export const TELLS_ITS_LIST = behaves("tells-its-list", "leaks by the guard itself")

/** Answers every streamed call with an error. */
export const STREAMS_FAIL = behaves("streams-fail", "streaming output")
