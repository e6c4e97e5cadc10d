/**
 * The order in which classifiers run: the operator's detectors and policy models first, general moderation last, unless
 * `after` says otherwise.
 * @module
 */
import { DAY_MS, RequestError } from "@nightlight/core"
import type { ClassifierConfig } from "../checks/classifiers/config.ts"
import type { CheckConfig } from "./schema.ts"

/** The longest that a basis or an exception may last: a year, of 366 days too. */
export const YEAR_MS = 366 * DAY_MS

/**
 * Returns the stage of each classifier by its name, from 0. All checks of a stage run together, and only when all
 * stages before it have ended and found nothing.
 *
 * @throws {RequestError} `config_invalid` where `after` names a missing check or forms a circle.
 */
export function classifierStages(configs: readonly CheckConfig[]): ReadonlyMap<string, number> {
  const names = new Set(configs.map(({ name }) => name))
  const classifiers = new Map(configs.filter(isClassifier).map((config) => [config.name, config]))
  for (const { name, after } of classifiers.values()) {
    const unknown = after?.find((one) => !names.has(one))
    if (unknown !== undefined) throw invalid(`${name} comes after ${unknown}, which is not a check of guard.yaml`)
  }
  const stages = new Map<string, number>()
  const open: string[] = []
  const stageOf = (name: string): number => {
    const config = classifiers.get(name)
    // Matches and patterns come before every classifier.
    if (config === undefined) return -1
    const known = stages.get(name)
    if (known !== undefined) return known
    if (open.includes(name))
      throw invalid(`these checks come after one another in a circle: ${[...open, name].join(", ")}`)
    open.push(name)
    const stage = 1 + Math.max(-1, ...beforeOf(config, classifiers).map(stageOf))
    open.pop()
    stages.set(name, stage)
    return stage
  }
  for (const name of classifiers.keys()) stageOf(name)
  return stages
}

/**
 * The classifiers that run before this one: those that `after` names; without it, every detector comes before general
 * moderation.
 */
function beforeOf(config: ClassifierConfig, classifiers: ReadonlyMap<string, ClassifierConfig>): readonly string[] {
  if (config.after !== null) return config.after
  if (config.kind !== "moderation") return []
  return [...classifiers.values()]
    .filter(({ kind, name }) => kind !== "moderation" && !comesAfter(name, config.name, classifiers, new Set()))
    .map(({ name }) => name)
}

/** Whether a check comes after another, directly or through others. */
function comesAfter(
  name: string,
  other: string,
  classifiers: ReadonlyMap<string, ClassifierConfig>,
  seen: Set<string>,
): boolean {
  if (seen.has(name)) return false
  seen.add(name)
  const after = classifiers.get(name)?.after ?? []
  return after.includes(other) || after.some((one) => comesAfter(one, other, classifiers, seen))
}

/**
 * Asserts that a moderation service gets pictures only when the lists and every detector for pictures found nothing.
 *
 * @throws {RequestError} `config_invalid`
 */
export function assertPicturesLast(configs: readonly CheckConfig[], stages: ReadonlyMap<string, number>): void {
  const stageOf = (name: string) => stages.get(name) ?? 0
  for (const config of configs) {
    if (config.kind !== "moderation" || !config.images) continue
    if (configs.every(({ kind }) => kind !== "hash-match")) {
      throw invalid(`${config.name} is sent pictures (images: true), and no hash-match check comes before it`)
    }
    const late = configs.find(
      (other) =>
        other.kind === "http-detector" &&
        other.media.includes("image") &&
        stageOf(other.name) >= stageOf(config.name) &&
        other.directions.some((direction) => config.directions.includes(direction)),
    )
    if (late !== undefined) {
      throw invalid(
        `${config.name} is sent pictures (images: true): it must come after ${late.name}, which checks pictures`,
      )
    }
  }
}

/**
 * Asserts that the recorded legal basis of every service that gets pictures is in force.
 *
 * @throws {RequestError} `config_invalid`
 */
export function assertBasesInForce(configs: readonly CheckConfig[], now: Date): void {
  for (const config of configs) {
    if (config.kind !== "moderation" || !config.images || config.imagesBasis === null) continue
    const leftMs = Date.parse(config.imagesBasis.until) - now.getTime()
    if (leftMs <= 0) throw invalid(`the imagesBasis of ${config.name} has ended: renew it, or leave images out`)
    if (leftMs > YEAR_MS) throw invalid(`the imagesBasis of ${config.name} lasts longer than a year`)
  }
}

function isClassifier(config: CheckConfig): config is ClassifierConfig {
  return "after" in config
}

function invalid(what: string): RequestError {
  return new RequestError("config_invalid", what)
}
