import { writeReport } from "../../src/index.ts"
import { createSimulator, type SimulatedRequest } from "../../src/simulator/index.ts"
import { NOW, smallReport } from "./documents.ts"

const credentials = { username: "provider", password: "password" }

/** The header of an authorised caller. */
export const authorization = `Basic ${Buffer.from("provider:password").toString("base64")}`

/** Pieces of a request's body. */
export async function* body(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text)
}

/** A service without a transport, and short ways to ask it. */
export function service(clock: () => Date = () => NOW) {
  const core = createSimulator({ credentials, clock })
  const ask = async (request: Partial<SimulatedRequest> & { readonly path: string }) => {
    const {
      httpStatus,
      body: xml,
      headers,
    } = await core.handle({ method: "POST", headers: { authorization }, body: body(), ...request })
    const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
    return { httpStatus, headers, xml, code: Number(of("responseCode")), description: of("responseDescription"), of }
  }
  const form = (path: string, id: string) =>
    ask({
      path,
      headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
      body: body(`id=${id}`),
    })
  const submit = async (xml = writeReport(smallReport).xml) => ask({ path: "/submit", body: body(xml) })
  const open = async (xml?: string) => (await submit(xml)).of("reportId") ?? ""
  const upload = (id: string, content = "a shape") => ask(uploadOf(id, content))
  const fileInfo = (xml: string) => ask({ path: "/fileinfo", body: body(xml) })
  return { core, ask, form, submit, open, upload, fileInfo }
}

/** A request that uploads a file; its form has the file first. */
export function uploadOf(
  id: string,
  content: string,
): { path: string; headers: SimulatedRequest["headers"]; body: AsyncIterable<Buffer> } {
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n${content}\r\n`
  const tail = `--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n${id}\r\n--b--\r\n`
  return {
    path: "/upload",
    headers: { authorization, "content-type": "multipart/form-data; boundary=b" },
    body: body(head, tail),
  }
}
