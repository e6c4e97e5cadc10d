/**
 * Two habits that hide mistakes. TypeScript looks for no mistyped member inside a spread literal, and a spread with a
 * condition in it is a member that nobody sees: `compact` of core says the same with plain members.
 */

const WRAPPERS = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression", "ParenthesizedExpression"]

/** The expression inside parentheses, `as`, `satisfies` and `!`. */
const unwrap = (node) => (WRAPPERS.includes(node.type) ? unwrap(node.expression) : node)

const isLiteral = (node) => ["ObjectExpression", "ArrayExpression"].includes(unwrap(node).type)

const isObject = (node) => unwrap(node).type === "ObjectExpression"
const isEmpty = (node) => isObject(node) && unwrap(node).properties.length === 0
const hasMembers = (node) => isObject(node) && !isEmpty(node)

/** Whether a spread adds its members only if a condition holds. Two literals, one for each answer, hide nothing. */
const isConditional = (node) => {
  const { type, operator, consequent, alternate } = unwrap(node)
  if (type === "LogicalExpression") return operator === "&&"
  if (type !== "ConditionalExpression") return false
  return isEmpty(consequent) || isEmpty(alternate) || hasMembers(consequent) !== hasMembers(alternate)
}

/** Whether a value is a literal with members or an empty one, as a condition decides. */
const isRest = (node) => {
  const { type, consequent, alternate } = unwrap(node)
  if (type !== "ConditionalExpression") return false
  return (isEmpty(consequent) && hasMembers(alternate)) || (hasMembers(consequent) && isEmpty(alternate))
}

const noPackedLiteral = {
  create: (context) => {
    const check = (node) => {
      if (!isLiteral(node.argument)) return
      context.report({ node, message: "A literal is spread into another: write its members there." })
    }
    return { SpreadElement: check, JSXSpreadAttribute: check }
  },
}

const noConditionalSpread = {
  create: (context) => {
    const message = "A member depends on a condition: write compact({ name: value or undefined })."
    const check = (node) => {
      if (node.parent?.type === "ArrayExpression" || node.parent?.type === "CallExpression") return
      if (isConditional(node.argument)) context.report({ node, message })
    }
    const checkInitialiser = (node) => {
      if (node.init && isRest(node.init)) context.report({ node, message })
    }
    return { SpreadElement: check, JSXSpreadAttribute: check, VariableDeclarator: checkInitialiser }
  },
}

// biome-ignore lint/style/noDefaultExport: what a plugin of the linter is
export default {
  meta: { name: "idioms" },
  rules: { "no-packed-literal": noPackedLiteral, "no-conditional-spread": noConditionalSpread },
}
