import { screen, waitFor, within } from "@testing-library/react"
import { describe, expect, it, vi } from "vitest"
import { ConfirmDialog } from "../src/parts/confirm-dialog.tsx"
import { waitingApproval } from "./support/records.ts"
import { type Answers, Problem, serve } from "./support/server.ts"
import { MY_ID, OTHER_ID, showPage, showPart } from "./support/show.tsx"

const answers = (approvals: readonly unknown[], more: Answers = {}): Answers => ({
  "GET /v1/approvals": ({ query }: { readonly query: Readonly<Record<string, string>> }) => ({
    approvals: query["state"] === "waiting" ? approvals : [],
  }),
  "GET /v1/people/names": { people: [{ id: OTHER_ID, name: "Other Reader" }] },
  ...more,
})
// Answers stay until they are dismissed, so each test uses an approval of its own.
const second = (number: number) => `POST /v1/approvals/${waitingApproval(number).id}/approve`
const decline = (number: number) => `POST /v1/approvals/${waitingApproval(number).id}/decline`

describe("an approval that waits for a second person", () => {
  it("comes first if the user may answer it, with its requester and its effect", async () => {
    serve(answers([waitingApproval(1), waitingApproval(2, { mayApprove: false })]))
    await showPage("/approvals", ["approval:read"])
    const forMe = within(await screen.findByRole("region", { name: "For you to answer" }))
    expect(forMe.getAllByRole("article")).toHaveLength(1)
    await waitFor(() => expect(forMe.getByRole("article").textContent).toContain("Other Reader"))
    expect(forMe.getByRole("button", { name: "Approve" })).toBeTruthy()
    const others = within(screen.getByRole("region", { name: "Waiting for somebody else" }))
    expect(others.queryByRole("button", { name: "Approve" })).toBeNull()
  })

  it("is approved by the key a, and its result stays until it is dismissed", async () => {
    const made = serve(
      answers([waitingApproval(11)], {
        [second(11)]: { approval: waitingApproval(11, { state: "done", mayApprove: false }), result: null },
      }),
    )
    const { user } = await showPage("/approvals", ["approval:read"])
    await screen.findByRole("button", { name: "Approve" })
    await user.keyboard("a")
    await waitFor(() => expect(made.some(({ call }) => call === second(11))).toBe(true))
    expect(await screen.findByText("Approved. You were the second person.")).toBeTruthy()
    await user.click(screen.getByRole("button", { name: "Close" }))
  })

  it("is declined only with a reason", async () => {
    const made = serve(
      answers([waitingApproval(12)], { [decline(12)]: waitingApproval(12, { state: "declined", mayApprove: false }) }),
    )
    const { user } = await showPage("/approvals", ["approval:read"])
    await screen.findByRole("button", { name: "Approve" })
    await user.keyboard("x")
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Decline" })
    expect(button.disabled).toBe(true)
    await user.click(screen.getByRole("radio", { name: "Not now: request it again later" }))
    await user.click(button)
    await waitFor(() => expect(made.find(({ call }) => call === decline(12))?.body).toEqual({ reason: "not-now" }))
  })

  it("can be withdrawn by its requester, but not approved", async () => {
    const made = serve(
      answers([waitingApproval(13, { requestedBy: MY_ID, mayApprove: false })], {
        [decline(13)]: waitingApproval(13, { state: "declined", mayApprove: false }),
      }),
    )
    const { user } = await showPage("/approvals", ["approval:read"])
    const mine = within(await screen.findByRole("region", { name: "Requested by you" }))
    expect(mine.queryByRole("button", { name: "Approve" })).toBeNull()
    await user.click(mine.getByRole("button", { name: "Withdraw" }))
    await waitFor(() => expect(made.find(({ call }) => call === decline(13))?.body).toEqual({}))
  })

  it("says why the server refused the answer", async () => {
    serve(answers([waitingApproval(14)], { [second(14)]: new Problem(403, "second_person_required", "not you") }))
    const { user } = await showPage("/approvals", ["approval:read"])
    await user.click(await screen.findByRole("button", { name: "Approve" }))
    expect((await screen.findByRole("alert")).textContent).toContain("Another person must do this part")
  })
})

describe("the confirmation dialog", () => {
  const dialog = (part: { readonly error?: unknown; readonly onDo?: () => void; readonly onClose?: () => void }) => (
    <ConfirmDialog
      title="Revoke the key"
      what="Whatever calls with it is refused from now on."
      label="Revoke it"
      isFinal
      action={{ isPending: false, error: part.error ?? null, reset: () => undefined }}
      onDo={part.onDo ?? (() => undefined)}
      onClose={part.onClose ?? (() => undefined)}
    />
  )

  it("says what will happen, and has the focus on its cancel button", async () => {
    await showPart(dialog({}))
    const shown = await screen.findByRole("dialog", { name: "Revoke the key" })
    expect(within(shown).getByText("Whatever calls with it is refused from now on.").className).toBe("brick")
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"))
  })

  it("does nothing when closed, and runs the action when confirmed", async () => {
    const [onDo, onClose] = [vi.fn<() => void>(), vi.fn<() => void>()]
    const { user } = await showPart(dialog({ onDo, onClose }))
    await user.click(await screen.findByRole("button", { name: "Cancel" }))
    expect([onDo.mock.calls.length, onClose.mock.calls.length]).toEqual([0, 1])
    await user.click(screen.getByRole("button", { name: "Revoke it" }))
    expect(onDo).toHaveBeenCalledTimes(1)
  })

  it("says beside its buttons why the action failed", async () => {
    await showPart(dialog({ error: new Error("no") }))
    expect((await screen.findByRole("alert")).textContent).toContain("That did not work.")
  })
})
