/**
 * Exports the scan only, so that a command that only scans loads nothing else.
 * @module
 */
export { datasetFormats } from "./containers/index.ts"
export { estimateScan, type ScanEstimate } from "./scan/estimate-scan.ts"
export { previewScan, type ScanPreview } from "./scan/preview-scan.ts"
export type { ScanProgress } from "./scan/progress.ts"
export type { ScanRequest } from "./scan/request.ts"
export { runScan, type ScanResult } from "./scan/run-scan.ts"
export type { ScanWatcher } from "./scan/screen-shards.ts"
export { type PlanRequest, planTasks } from "./tasks/make-plan.ts"
export { type MergeResult, mergeTasks } from "./tasks/merge-tasks.ts"
export type { TaskOptions } from "./tasks/planned-scan.ts"
export { runTask, type TaskPart, type TaskResult } from "./tasks/run-task.ts"
export { rankFromEnvironment } from "./tasks/scheduler-index.ts"
export { SCHEDULERS, type SchedulerName } from "./tasks/schedulers/index.ts"
export type { Schedule, ScheduleChoices, ScheduleFile } from "./tasks/schedulers/schedule.ts"
export { writeSchedule } from "./tasks/schedulers/write-schedule.ts"
export { readTaskPlan, type SealedPlan, type TaskPlan } from "./tasks/task-plan.ts"
