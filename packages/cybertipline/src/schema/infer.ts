import type {
  AttributeDefinition,
  AttributedType,
  ChoiceGroup,
  ElementDefinition,
  ElementType,
  Particle,
  RecordType,
  ScalarType,
} from "./definition.ts"

type Flat<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never

type ElementValue<E> =
  E extends ElementDefinition<string, infer Type, 0 | 1, infer Max>
    ? Max extends 1
      ? ValueOf<Type>
      : readonly ValueOf<Type>[]
    : never

type RequiredOf<Members extends readonly Particle[]> = Extract<
  Members[number],
  ElementDefinition<string, ElementType, 1>
>
type OptionalOf<Members extends readonly Particle[]> = Extract<
  Members[number],
  ElementDefinition<string, ElementType, 0>
>

type MembersOf<Members extends readonly Particle[]> = {
  readonly [E in RequiredOf<Members> as E["name"]]: ElementValue<E>
} & { readonly [E in OptionalOf<Members> as E["name"]]?: ElementValue<E> } & GroupOf<
    Extract<Members[number], ChoiceGroup>
  >

type GroupOf<Group extends ChoiceGroup> = [Group] extends [never]
  ? unknown
  : AtMostOneOf<Group["members"][number], Group["members"][number]["name"]>

type AtMostOneOf<Member, Names extends string> =
  Member extends ElementDefinition<infer Name, infer Type>
    ? { readonly [K in Name]?: ValueOf<Type> } & { readonly [K in Exclude<Names, Name>]?: never }
    : never

type OneOf<Member, Names extends string> =
  Member extends ElementDefinition<infer Name, infer Type>
    ? { readonly [K in Name]: ValueOf<Type> } & { readonly [K in Exclude<Names, Name>]?: never }
    : never

type NamesOf<Members extends readonly Particle[]> = Extract<Members[number], ElementDefinition>["name"]

type AttributesOf<Attributes extends readonly AttributeDefinition[]> = {
  readonly [A in Extract<Attributes[number], { required: true }> as A["name"]]: ValueOf<A["type"]>
} & { readonly [A in Extract<Attributes[number], { required: false }> as A["name"]]?: ValueOf<A["type"]> }

/** The JavaScript value of a type of the schema: what a definition lets a program hold. */
export type ValueOf<Type> =
  Type extends ScalarType<infer Value>
    ? Value
    : Type extends AttributedType<infer Content, infer Attributes>
      ? Flat<{ readonly value: ValueOf<Content> } & AttributesOf<Attributes>>
      : Type extends RecordType<infer Order, infer Members, infer Attributes>
        ? Order extends "choice"
          ? Flat<OneOf<Members[number], NamesOf<Members>>>
          : Flat<MembersOf<Members> & AttributesOf<Attributes>>
        : never
