import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { inVSCode } from "../../../voxweave_nb/widgets/static/front_end.js";

afterEach(() => { for (const name of ["document", "vscIPyWidgets"]) delete globalThis[name]; });

test("VS Code is known by its widget manager", () => {
  assert.equal(inVSCode(), false);
  globalThis.vscIPyWidgets = {};
  assert.equal(inVSCode(), true);
});

test("VS Code is known by its theme", () => {
  for (const page of [{}, { body: null }, { body: { dataset: {} } }]) {
    globalThis.document = page;
    assert.equal(inVSCode(), false);
  }
  globalThis.document = { body: { dataset: { vscodeThemeKind: "vscode-dark" } } };
  assert.equal(inVSCode(), true);
});
