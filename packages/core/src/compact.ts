/** An object type without the members that are undefined: those that may be are optional. */
export type Compact<T extends object> = {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key]
} & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>
} extends infer Flat
  ? { [Key in keyof Flat]: Flat[Key] }
  : never

/** Copies an object without its undefined members. */
export function compact<T extends object>(members: T): Compact<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Compact<T>
}
