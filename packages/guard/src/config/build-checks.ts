/**
 * Makes the configured checks.
 * @module
 */
import { resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import { createAccountCheck } from "../checks/account/account-check.ts"
import type { Check } from "../checks/check.ts"
import { buildClassifier } from "../checks/classifiers/build.ts"
import { createEmbeddedMatch } from "../checks/hash-match/embedded.ts"
import { createPatternCheck } from "../checks/patterns/pattern-check.ts"
import { readPatternRules } from "../checks/patterns/read-rules.ts"
import { stagesOf } from "../engine/stages.ts"
import type { ReadText } from "../files/config-files.ts"
import { assertPicturesLast, classifierStages } from "./classifier-stages.ts"
import type { CheckConfig } from "./schema.ts"

/** Dependencies of checks beside their configuration; they outlive a reload. */
export interface CheckMaterial {
  /** Makes a check that matches pictures against the lists. */
  readonly hashMatch: (check: { readonly name: string; readonly deadlineMs: number }) => Check
  /** Reads the files that the configuration names; from the file system unless given. */
  readonly readText?: ReadText
}

/** Checks in their order, and the files that were read for them. */
export interface BuiltChecks {
  readonly checks: readonly Check[]
  readonly files: readonly string[]
}

/** Makes the checks. @throws {RequestError} `config_invalid`. */
export async function buildChecks(
  configs: readonly CheckConfig[],
  dir: string,
  material: CheckMaterial,
): Promise<BuiltChecks> {
  if (new Set(configs.map(({ name }) => name)).size < configs.length) {
    throw new RequestError("config_invalid", "two checks of guard.yaml have the same name")
  }
  const stages = classifierStages(configs)
  assertPicturesLast(configs, stages)
  const built = await Promise.all(
    configs.map((config) => buildCheck(config, dir, material, stages.get(config.name) ?? 0)),
  )
  const checks = built.flatMap(({ check, beside }) => (beside === undefined ? [check] : [check, beside]))
  return {
    checks: stagesOf(checks).flatMap((stage) => stage.checks),
    files: built.flatMap(({ files }) => files),
  }
}

async function buildCheck(
  config: CheckConfig,
  dir: string,
  material: CheckMaterial,
  stage: number,
): Promise<{ readonly check: Check; readonly beside?: Check; readonly files: readonly string[] }> {
  const deadlineMs = config.deadlineSeconds * 1000
  switch (config.kind) {
    case "hash-match": {
      const check = material.hashMatch({ name: config.name, deadlineMs })
      return { check, beside: createEmbeddedMatch(check), files: [] }
    }
    case "patterns": {
      const file = resolve(dir, config.file)
      const rules = await readPatternRules(file, `the patterns of ${config.name}`, material.readText)
      return {
        check: createPatternCheck({ name: config.name, directions: config.directions, rules, deadlineMs }),
        files: [file],
      }
    }
    case "account":
      return { check: createAccountCheck(config), files: [] }
    case "moderation":
    case "safeguard":
    case "llama-guard":
    case "http-detector":
      return buildClassifier(config, dir, stage, material.readText)
    default:
      return config satisfies never
  }
}
