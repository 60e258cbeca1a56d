import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/**", "dist/**"] },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Typed arrays are indexed within bounds that the surrounding loop guarantees.
      "@typescript-eslint/no-non-null-assertion": "off",
      eqeqeq: "error",
      "no-console": "error",
      // All text on the screen is hostile: it goes through textContent (preact children), never through markup.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "all text is hostile: use textContent" },
        { property: "outerHTML", message: "all text is hostile: use textContent" },
        { property: "insertAdjacentHTML", message: "all text is hostile: use textContent" },
        { property: "dangerouslySetInnerHTML", message: "all text is hostile: use textContent" },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "all text is hostile: use children" },
      ],
    },
  },
  { files: ["build/*.mjs", "vite.config.mjs"], languageOptions: { globals: { process: "readonly", URL: "readonly" } } },
);
