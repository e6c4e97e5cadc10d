import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import {
  BatchClient,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch"
import { Job } from "kubernetes-models/batch/v1"
import { describe, expect, it } from "vitest"
import { SCHEDULERS, type SchedulerName } from "../src/tasks/schedulers/index.ts"
import type { ScheduleChoices } from "../src/tasks/schedulers/schedule.ts"

function choices(world: number, more: Partial<ScheduleChoices> = {}): ScheduleChoices {
  return {
    sealed: {
      digest: "d".repeat(64),
      plan: {
        format: "nightlight-plan/1",
        scan: "s-000001",
        world,
        root: "/data/set",
        out: "/data/clean",
        shards: [],
        plannedAt: "2026-12-02T09:00:00Z",
        keyId: "k",
        signature: "s",
      },
    },
    planFile: "/plans/it's here/plan.json",
    workspace: "/work/space",
    command: ["nightlight"],
    image: "registry.example/nightlight:1",
    cpus: 2,
    memoryMiB: 4_096,
    retries: 3,
    ...more,
  }
}

function filesOf(name: SchedulerName, given: ScheduleChoices): Readonly<Record<string, string>> {
  return Object.fromEntries(SCHEDULERS[name](given).files.map((file) => [file.name, file.text]))
}

/** What a client of AWS Batch sends: members that the API does not have are left out. */
async function sentToBatch(file: string, kind: "definition" | "job"): Promise<unknown> {
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body)
      response.setHeader("content-type", "application/json").end("{}")
    })
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const credentials = { accessKeyId: "none", secretAccessKey: "none" }
  const client = new BatchClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials })
  const input: unknown = JSON.parse(file)
  if (kind === "job") await client.send(new SubmitJobCommand(input as SubmitJobCommandInput))
  else await client.send(new RegisterJobDefinitionCommand(input as RegisterJobDefinitionCommandInput))
  client.destroy()
  server.close()
  return JSON.parse(String(bodies[0]))
}

describe("the files for Slurm", () => {
  it("are scripts that the shell can read, with one index for each rank", () => {
    const files = filesOf("slurm", choices(64, { atOnce: 16 }))
    for (const text of Object.values(files)) execFileSync("bash", ["-n"], { input: text })
    expect(files["scan.sbatch"]).toContain("#SBATCH --array=0-63%16\n")
    expect(files["scan.sbatch"]).toContain(`--plan '/plans/it'\\''s here/plan.json'`)
  })

  it("give each index several ranks where an array cannot have as many", () => {
    const script = filesOf("slurm", choices(2_500))["scan.sbatch"]
    expect(script).toContain("#SBATCH --array=0-999\n")
    expect(script).toContain("rank < 2500; rank += 1000")
  })
})

describe("the files for Kubernetes", () => {
  it("are Jobs that the API's schema accepts", () => {
    const files = filesOf("kubernetes", choices(64, { atOnce: 8 }))
    for (const text of Object.values(files)) new Job(JSON.parse(text)).validate()
    const { spec } = JSON.parse(files["scan-job.json"] ?? "")
    expect(spec).toMatchObject({ completionMode: "Indexed", completions: 64, parallelism: 8, backoffLimitPerIndex: 3 })
    expect(() =>
      new Job({ ...JSON.parse(files["scan-job.json"] ?? ""), spec: { completions: "64" } }).validate(),
    ).toThrow()
  })

  it("do not try an index again whose failure stays", () => {
    const { spec } = JSON.parse(filesOf("kubernetes", choices(2))["scan-job.json"] ?? "")
    const [, rule] = spec.podFailurePolicy.rules
    expect(rule).toMatchObject({
      action: "FailIndex",
      onExitCodes: { containerName: "nightlight", values: [2, 3, 4, 42, 50] },
    })
  })

  it("mount no folder for what is not in one", () => {
    const given = choices(2)
    const { plan } = given.sealed
    const remote = { ...given.sealed, plan: { ...plan, root: "s3://bucket/set", out: "s3://bucket/clean" } }
    const { spec } = JSON.parse(filesOf("kubernetes", { ...given, sealed: remote })["scan-job.json"] ?? "")
    const names = spec.template.spec.volumes.map(({ name }: { name: string }) => name)
    expect(names).toEqual(["nightlight-workspace", "nightlight-plan"])
  })
})

describe("the folders of a container", () => {
  const folders = (given: ScheduleChoices) => {
    const pod = JSON.parse(filesOf("kubernetes", given)["scan-job.json"] ?? "").spec.template.spec
    const job = JSON.parse(filesOf("aws-batch", given)["job-definition.json"] ?? "").containerProperties
    return {
      kubernetes: pod.containers[0].volumeMounts.map((mount: { mountPath: string }) => mount.mountPath),
      batch: job.mountPoints.map((mount: { containerPath: string }) => mount.containerPath),
      readOnly: pod.containers[0].volumeMounts.flatMap((mount: { mountPath: string; readOnly?: boolean }) =>
        mount.readOnly === true ? [mount.mountPath] : [],
      ),
    }
  }
  const within = (more: { planFile: string; root: string; out: string }) => {
    const { sealed, ...given } = choices(2)
    const { planFile, ...where } = more
    return { ...given, planFile, sealed: { ...sealed, plan: { ...sealed.plan, ...where } } }
  }

  it.each([
    ["apart", "/plans/plan.json", "/data/set", "/data/clean", ["/plans", "/data/set"]],
    ["with the plan in the workspace", "/work/space/plan.json", "/data/set", "/data/clean", ["/data/set"]],
    ["with the plan beside all others", "/data/plan.json", "/data/set", "/data/clean", ["/data/set"]],
    ["with the plan in the dataset", "/data/set/plan.json", "/data/set", "/data/clean", ["/data/set"]],
    ["with the plan in the copy", "/data/clean/plan.json", "/data/set", "/data/clean", ["/data/set"]],
  ])("are each mounted once, read-only where nothing is written: %s", (_, planFile, root, out, readOnly) => {
    const { kubernetes, batch, readOnly: found } = folders(within({ planFile, root, out }))
    expect(kubernetes).toEqual(batch)
    expect(new Set(kubernetes).size).toBe(kubernetes.length)
    expect(kubernetes).toEqual(expect.arrayContaining(["/work/space", root, out]))
    expect(found.toSorted()).toEqual(readOnly.toSorted())
  })

  it("are refused where one is the root of the file system", () => {
    const given = within({ planFile: "/plan.json", root: "/data/set", out: "/data/clean" })
    for (const name of ["kubernetes", "aws-batch"] as const) {
      expect(() => filesOf(name, given)).toThrow("cannot mount the root")
    }
  })
})

describe("the files for AWS Batch", () => {
  it("hold only members that the API has", async () => {
    const files = filesOf("aws-batch", choices(64))
    for (const [name, text] of Object.entries(files)) {
      const sent = await sentToBatch(text, name === "job-definition.json" ? "definition" : "job")
      expect(sent, name).toEqual(JSON.parse(text))
    }
  })

  it("are refused for more children than an array may have, for a limit of children at once, and without an image", () => {
    expect(() => filesOf("aws-batch", choices(10_001))).toThrow("2 to 10000 children")
    expect(() => filesOf("aws-batch", choices(1))).toThrow("2 to 10000 children")
    expect(() => filesOf("aws-batch", choices(4, { atOnce: 2 }))).toThrow("no limit on the children")
    const { image: _, ...rest } = choices(2)
    expect(() => filesOf("aws-batch", rest)).toThrow("name their image by --image")
  })
})
