import { GuardRefusal } from "../errors.ts"

/** The upstream's stream ended before its last event. */
export function streamCutOff(): GuardRefusal {
  return new GuardRefusal("upstream_failed", "the upstream's stream was cut off")
}

/** The upstream sent more of a choice that it had ended. */
export function choiceContinued(): GuardRefusal {
  return new GuardRefusal("upstream_failed", "the upstream continued a choice after its end")
}

/** The upstream answered with choices beyond the request's number. */
export function tooManyChoices(): GuardRefusal {
  return new GuardRefusal("upstream_failed", "the upstream returned more choices than were asked for")
}
