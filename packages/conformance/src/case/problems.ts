/**
 * Problems of a gateway's behaviour.
 * @module
 */

/**
 * Kinds of problems. `leak`: something got through. `otherwise`: nothing did, but clients cannot recognise the refusal
 * or will retry. `harmless`: ordinary traffic does not work. `own`: the gateway reveals its own list.
 */
export type ProblemKind = "leak" | "otherwise" | "harmless" | "own"

const says = (kind: ProblemKind, words: string) => ({ kind, words })

/** Kind and sentence by code. */
export const PROBLEMS = {
  reached_upstream: says("leak", "what had to be stopped reached the upstream"),
  reached_client: says("leak", "what had to be stopped reached the client"),
  began_to_reach_client: says("leak", "the beginning of what had to be stopped reached the client"),
  went_on_after: says("leak", "what came after the stopped part reached the client"),
  forwarded: says("leak", "a call that the gateway must refuse was passed on"),
  link_passed_on: says("leak", "a link was passed on or followed"),
  not_flagged: says("leak", "what had to be flagged was not"),
  stored: says("leak", "the upstream was asked to keep the exchange"),
  echoed: says("otherwise", "the refusal repeats what was refused"),
  not_refused: says("otherwise", "the request was not refused"),
  invites_retry: says("otherwise", "the answer makes client libraries send the same request again"),
  error_shape: says("otherwise", "the error is not in the API's own shape"),
  ending_wrong: says("otherwise", "the stopped answer does not end as a filtered one ends"),
  choices_wrong: says("otherwise", "the stopped answer has a different number of choices or items"),
  done_missing: says("otherwise", "the stream ends without its last event"),
  sequence_broken: says("otherwise", "the event numbers are not consecutive"),
  stream_malformed: says("otherwise", "the stream contains something that is not an event of this API"),
  truncation_hidden: says("otherwise", "an answer that was cut off looks complete"),
  fault_passed_on: says("otherwise", "an error of the upstream was passed on as a success"),
  upstream_not_cancelled: says("otherwise", "the upstream continued after the client had disconnected"),
  no_answer: says("otherwise", "the connection broke, or no answer came in time"),
  harmless_refused: says("harmless", "harmless traffic was refused"),
  harmless_changed: says("harmless", "harmless traffic did not arrive as it was sent"),
  marker_disclosed: says("own", "the answer to harmless traffic contains the phrase that the gateway blocks"),
} as const

/** One of the codes of {@link PROBLEMS}. */
export type Problem = keyof typeof PROBLEMS

/** Whether one of the problems is of this kind. */
export function isAny(problems: Iterable<Problem>, kind: ProblemKind): boolean {
  return [...problems].some((problem) => PROBLEMS[problem].kind === kind)
}
