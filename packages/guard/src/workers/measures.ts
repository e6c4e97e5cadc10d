import { AggregatorRegistry, type Registry } from "prom-client"
import type { Measures } from "./questions.ts"

/** Sums the metrics of several processes. */
export function sumMeasures(all: readonly Measures[]): Registry {
  return AggregatorRegistry.aggregate(all as unknown as object[])
}

/** Returns the lasting measures of a process that ended: its counts, so that no sum decreases, but not its current work. */
export async function keptOf(all: readonly Measures[]): Promise<Measures> {
  const measures: Measures = await sumMeasures(all).getMetricsAsJSON()
  return measures.filter(({ type }) => String(type) !== "gauge")
}
