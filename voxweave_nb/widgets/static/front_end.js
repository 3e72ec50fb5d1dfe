// The front end around the page, as far as the page can tell.

/** True in VS Code: its widget manager and its themes leave these marks in the page. */
export const inVSCode = () => "vscIPyWidgets" in globalThis || Boolean(globalThis.document?.body?.dataset?.vscodeThemeKind);
