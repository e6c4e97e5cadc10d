/**
 * Two habits that hide mistakes. TypeScript looks for no mistyped member inside a spread literal, and a spread with a
 * condition in it is a member that nobody sees: `compact` of core says the same with plain members.
 */

const isCondition = ({ type, operator }) =>
  type === "ConditionalExpression" || (type === "LogicalExpression" && operator === "&&")

const isLiteral = ({ type, expression }) =>
  type === "TSAsExpression" || type === "TSSatisfiesExpression"
    ? isLiteral(expression)
    : type === "ObjectExpression" || type === "ArrayExpression"

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
    const check = (node) => {
      if (node.parent?.type === "ArrayExpression" || node.parent?.type === "CallExpression") return
      if (!isCondition(node.argument)) return
      const branches = [node.argument.consequent, node.argument.alternate, node.argument.right].filter(Boolean)
      const hasMembers = branches.filter((branch) => branch.type === "ObjectExpression" && branch.properties.length > 0)
      // Two literals, one for each answer, hide nothing.
      if (hasMembers.length !== 1) return
      context.report({ node, message: "A member depends on a condition: write compact({ name: value or undefined })." })
    }
    return { SpreadElement: check, JSXSpreadAttribute: check }
  },
}

// biome-ignore lint/style/noDefaultExport: what a plugin of the linter is
export default {
  meta: { name: "idioms" },
  rules: { "no-packed-literal": noPackedLiteral, "no-conditional-spread": noConditionalSpread },
}
