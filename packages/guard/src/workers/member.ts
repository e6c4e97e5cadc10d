import cluster from "node:cluster"
import { fileURLToPath } from "node:url"
import { type Answers, createPeer, type Peer } from "./peer.ts"
import type { AskedByFirst, AskedByWorkers, WorkerState } from "./questions.ts"

/** A worker process, as the first process sees it. */
export interface Member {
  readonly peer: Pick<Peer<AskedByFirst>, "ask">
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  isGone: boolean
  /** Whether it accepts calls. */
  isReady: boolean
  /** The state that it last reported. */
  state?: WorkerState
  /** When it last reported, and when it began to accept calls: `performance.now()`. */
  seenAt: number
  readyAt: number
  /** A question about its state that is in progress. */
  asking?: Promise<void>
  /** Ends it at once. */
  kill(): void
}

/** Starts a worker process, which does nothing before it is asked to start. */
export function forkMember(answers: Answers<AskedByWorkers>): Member {
  cluster.setupPrimary({
    exec: fileURLToPath(import.meta.resolve("@nightlight/guard/worker")),
    args: [],
    execArgv: [...process.execArgv, "--disable-sigusr1"],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  const worker = cluster.fork()
  const peer = createPeer<AskedByFirst, AskedByWorkers>((message, sent) => worker.send(message, sent), answers)
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const kill = () => void worker.process.kill("SIGKILL")
  const member: Member = { peer, ended, isGone: false, isReady: false, seenAt: 0, readyAt: 0, kill }
  const end = () => {
    if (member.isGone) return
    member.isGone = true
    member.isReady = false
    peer.close()
    resolve()
  }
  worker.on("message", (message) => peer.receive(message))
  // A process that cannot be started never ends by itself; one whose channel broke is of no use.
  worker.on("error", () => {
    kill()
    if (worker.process.pid === undefined) end()
  })
  worker.on("disconnect", kill)
  worker.once("exit", end)
  return member
}
