import type { Check } from "../checks/check.ts"
import type { ExchangePorts } from "../running/admission.ts"
import type { Running } from "../running/running.ts"
import type { Answers } from "./peer.ts"
import type { AskedByWorkers } from "./questions.ts"

/** The services from which the first process answers its workers. */
export interface AnswersDeps {
  readonly ports: ExchangePorts
  readonly current: () => Running
  readonly hashMatch: (check: { readonly name: string; readonly deadlineMs: number }) => Check
  /** Whether a list that is not a test list is live. */
  readonly screens: () => boolean
}

/** The answers of the first process to its workers' questions. */
export function createAnswers({ ports, current, hashMatch, screens }: AnswersDeps): Answers<AskedByWorkers> {
  return {
    admit: async (call) => ({ ...(await ports.admit(call, current())), screens: screens() }),
    // Made for each question, because a worker may still finish an exchange of the previous configuration.
    match: ({ name, deadlineMs, items, context }, signal) =>
      hashMatch({ name, deadlineMs }).run(items, context, signal),
    record: ({ event, call }) => ports.record(event, call),
  }
}
