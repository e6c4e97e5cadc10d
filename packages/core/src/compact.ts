/** An object type whose members that may be undefined are optional. */
export type Compact<T extends object> = {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key]
} & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>
} extends infer Flat
  ? { [Key in keyof Flat]: Flat[Key] }
  : never

/** Copies an object without its undefined members. Members keep their order; a spread inside counts as its members. */
export function compact<const T extends object>(members: T): Compact<T> {
  const kept: Record<string, unknown> = {}
  // Several times faster than by entries, and it runs several times for every item of a scan.
  for (const key of Object.keys(members) as (keyof T & string)[]) {
    if (members[key] !== undefined) kept[key] = members[key]
  }
  return kept as Compact<T>
}
