/**
 * Llama Guard 3 and 4. Written from the published forms; not run against the models.
 * @module
 */
import { compact, type Decision, RequestError } from "@nightlight/core"
import type { Check, Signal } from "../check.ts"
import { type ClassifierOptions, classifier, itemOf, limitsOf } from "./classifier.ts"
import { askEach, type ModelApi, modelBody } from "./completion.ts"
import { cutByChoice } from "./conversation/turns.ts"
import {
  codesOf,
  type Judged,
  judgedTurns,
  type LlamaGuardVersion,
  llamaGuardMessages,
  llamaGuardPrompt,
  parseAssessment,
  stopOf,
} from "./llama-guard-form.ts"

/** The model's service, version and rules. */
export interface LlamaGuardOptions extends ClassifierOptions {
  readonly model: string
  readonly version: LlamaGuardVersion
  readonly api: ModelApi
  /** Decisions by category code; a category that is not named is recorded and changes nothing. */
  readonly rules: readonly { readonly category: string; readonly decision: Decision; readonly shadow?: boolean }[]
}

const MAX_TOKENS = 64

/**
 * Makes the check.
 *
 * @throws {RequestError} `config_invalid` where a rule names a category that this version does not have.
 */
export function createLlamaGuard(options: LlamaGuardOptions): Check {
  const { name, service, path, model, version, api, rules } = options
  const unknown = rules.find(({ category }) => !codesOf(version).includes(category))
  if (unknown !== undefined) {
    throw new RequestError("config_invalid", `${name}: Llama Guard ${version} has no category ${unknown.category}`)
  }
  const limits = limitsOf(options)
  const bodyOf = ({ turns }: Judged) =>
    modelBody({
      model,
      maxTokens: MAX_TOKENS,
      input:
        api === "chat"
          ? { messages: llamaGuardMessages(turns) }
          : { prompt: llamaGuardPrompt(version, turns), stop: [stopOf(version)] },
    })
  const signalOf = (code: string, items: readonly number[]): Signal => {
    const rule = rules.find(({ category }) => category === code)
    return {
      check: name,
      rule: code,
      category: code,
      decision: rule?.decision ?? "clear",
      ...itemOf(items),
      ...compact({ shadow: rule?.shadow === true ? true : undefined }),
    }
  }
  return classifier(options, ["text"], async (items, context, inquiry) => {
    const judged = cutByChoice(items, context, (turns, before) => judgedTurns(turns, limits, before))
    return inquiry.texts(
      judged,
      askEach({ service, path }, bodyOf, (said, { items: of }) =>
        parseAssessment(said, version).map((code) => signalOf(code, of)),
      ),
    )
  })
}
