import { AggregatorRegistry, type Registry } from "prom-client"
import type { Measures } from "./questions.ts"

/** Measures of several processes as one: counts and times add up. */
export function sumMeasures(all: readonly Measures[]): Registry {
  return AggregatorRegistry.aggregate(all as unknown as object[])
}

/** What a process that is gone leaves behind: its counts, so that no sum goes back; not what it was doing. */
export async function keptOf(all: readonly Measures[]): Promise<Measures> {
  const measures: Measures = await sumMeasures(all).getMetricsAsJSON()
  return measures.filter(({ type }) => String(type) !== "gauge")
}
