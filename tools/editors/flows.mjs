// Serves the editors for flows.spec.ts:  npx playwright test -c tools/editors
import os from 'node:os';
import path from 'node:path';

import { bundle } from './bundle.mjs';
import { serve } from './serve.mjs';

const built = path.join(os.tmpdir(), 'bkincidents-editors-flows');
await bundle(built);
await serve(built, Number(process.argv[2]));
