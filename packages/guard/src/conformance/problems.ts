/**
 * What can be wrong with a gateway's behaviour in a case.
 * @module
 */

/** Sentences by code, for the report. */
export const PROBLEMS = {
  reached_upstream: "what had to be stopped reached the upstream",
  reached_client: "what had to be stopped reached the client",
  began_to_reach_client: "the beginning of what had to be stopped reached the client",
  went_on_after: "what came after the stopped part reached the client",
  echoed: "the refusal repeats what was refused",
  not_refused: "the request was not refused",
  not_stopped: "the answer was not stopped, though nothing of it leaked",
  invites_retry: "the answer makes client libraries send the same again",
  error_shape: "the error is not in the API's own shape",
  ending_wrong: "the stopped answer does not end as a filtered one ends",
  choices_wrong: "the stopped answer has another number of choices or items",
  done_missing: "the stream ends without its last event",
  sequence_broken: "the numbers of the events do not follow each other",
  stream_malformed: "the stream holds what is no event of this API",
  harmless_refused: "harmless traffic was refused",
  harmless_changed: "harmless traffic did not arrive as it was sent",
  truncation_hidden: "an answer that was cut off looks complete",
  fault_passed_on: "what the upstream did wrong was passed on as a success",
  forwarded: "a call that has to end here was passed on",
  link_passed_on: "a link was passed on or followed",
  not_flagged: "what had to be flagged was not",
  stored: "the upstream was asked to keep the exchange",
  upstream_not_cancelled: "the upstream went on working after the client had gone",
  no_answer: "the connection broke, or no answer came in time",
} as const

/** One of the codes of {@link PROBLEMS}. */
export type Problem = keyof typeof PROBLEMS
