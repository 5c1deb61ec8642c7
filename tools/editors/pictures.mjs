const LOOKS = [
  { look: 'en-dark-wide', language: 'en-US', mode: 'dark', width: 1280, height: 400 },
  { look: 'zh-light-wide', language: 'zh-Hans', mode: 'light', width: 1280, height: 400 },
  { look: 'zh-dark-phone', language: 'zh-Hans', mode: 'dark', width: 390, height: 800 },
  { look: 'en-light-phone', language: 'en-US', mode: 'light', width: 390, height: 800 },
];

const SHOTS = [
  { scene: 'config', prepare: answered },
  { scene: 'config-new', prepare: answered },
  { scene: 'config-filled', prepare: openSections },
  { scene: 'config-samples' },
  { scene: 'query-types' },
  { scene: 'query-filled' },
  { scene: 'query-filled', shot: 'query-menu-type', height: 640, prepare: openSelect(0) },
  { scene: 'query-filled', shot: 'query-menu-signatures', height: 640, prepare: openSelect(1) },
  { scene: 'query-new', shot: 'query-plan', height: 900, prepare: openPlan },
  { scene: 'query-alert' },
  { scene: 'others' },
  { scene: 'help' },
];

/** The settings page asks the backend when nothing was typed for a moment. */
function answered(page) {
  return page.waitForTimeout(1500);
}

async function openSections(page) {
  // An opened section leaves the list, so the first is always the next.
  const closed = page.getByRole('button', { name: /^Expand section/ });
  while (await closed.count()) {
    await closed.first().click();
  }
  await answered(page);
}

async function openPlan(page) {
  await page.locator('button[aria-expanded="false"]').last().click();
  await page.locator('pre').first().waitFor();
}

function openSelect(index) {
  return (page) => page.getByRole('combobox').nth(index).click();
}

/** The pictures that the plugin brings along, by their name there. */
export const KEPT = {
  'query-editor': 'query-filled-en-dark-wide',
  'query-editor-zh': 'query-menu-signatures-zh-light-wide',
  'query-editor-phone': 'query-filled-zh-dark-phone',
  'query-help': 'help-en-dark-wide',
};

/** Every scene in every look. */
export function pictures() {
  return SHOTS.flatMap(({ shot, ...picture }) =>
    LOOKS.map(({ look, ...size }) => ({ ...size, ...picture, name: `${shot ?? picture.scene}-${look}` }))
  );
}
