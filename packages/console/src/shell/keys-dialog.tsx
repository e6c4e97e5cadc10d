import { Kbd, Modal } from "@mantine/core"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { shell } from "#messages/shell.ts"
import type { KeyBinding } from "../keys/keys.tsx"

/**
 * The dialog that lists the keys. `keys`: those that work now, the page's before the frame's. Loaded when first opened.
 */
export function KeysDialog(props: {
  readonly isOpen: boolean
  readonly keys: () => readonly KeyBinding[]
  readonly onClose: () => void
}): ReactNode {
  const { isOpen, keys, onClose } = props
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={shell.keysTitle}
      size="lg"
      closeButtonProps={{ "aria-label": common.close }}
    >
      {isOpen && groupsOf(keys()).map(([group, bindings]) => <Group key={group} group={group} bindings={bindings} />)}
    </Modal>
  )
}

function Group({ group, bindings }: { readonly group: string; readonly bindings: readonly KeyBinding[] }): ReactNode {
  return (
    <section className="stack-tight" style={{ marginBottom: 16 }}>
      <h3>{group}</h3>
      <table className="plain">
        <tbody>
          {bindings.map(({ key, label }) => (
            <tr key={key}>
              <td style={{ width: 120 }}>
                {key.split(" ").map((part) => (
                  <Kbd key={part} style={{ marginRight: 4 }}>
                    {part}
                  </Kbd>
                ))}
              </td>
              <td>{label}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function groupsOf(bindings: readonly KeyBinding[]): readonly (readonly [string, readonly KeyBinding[]])[] {
  const groups = new Map<string, KeyBinding[]>()
  const seen = new Set<string>()
  for (const binding of bindings) {
    if (seen.has(binding.key)) continue
    seen.add(binding.key)
    groups.set(binding.group, [...(groups.get(binding.group) ?? []), binding])
  }
  return [...groups]
}
