import assert from "node:assert/strict";
import { test } from "node:test";

import { barPath } from "../../../voxweave_nb/widgets/static/bars.js";

test("a peak is a bar around the middle", () => assert.equal(barPath([100]), "M0.5 4V96"));

test("silence is still a thin line", () => assert.equal(barPath([0, 0]), "M0.5 48.8V51.2M1.5 48.8V51.2"));

test("no peaks are no path", () => assert.equal(barPath([]), ""));
