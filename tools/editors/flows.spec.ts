import { expect, type Page, test } from '@playwright/test';

import { choose, field, STAT, TYPE } from '../../tests/editor';

// What tests/*.spec.ts do to the editors inside Grafana, with the same helpers, where no Grafana is at hand.

const open = (page: Page, scene: string) => page.goto(`/?scene=${scene}&language=en-US`);

test('the type decides which fields are shown', async ({ page }) => {
  await open(page, 'query-filled');
  await expect(field(page, TYPE)).toHaveValue('Incidents');
  await expect(field(page, /^States/)).toBeVisible();
  await choose(page, TYPE, 'Count');
  await expect(field(page, TYPE)).toHaveValue('Count');
  await expect(field(page, STAT)).toHaveValue('Active');
  await expect(field(page, /^States/)).toBeHidden();
});

for (const option of ['Evidence', 'Signatures', 'Health', 'Timeline', 'Unmatched', 'Steps', 'Hosts']) {
  test(`${option} can be chosen`, async ({ page }) => {
    await open(page, 'query-filled');
    await choose(page, TYPE, option);
    await expect(field(page, TYPE)).toHaveValue(option);
  });
}

test('a signature is chosen by typing its id', async ({ page }) => {
  await open(page, 'query-new');
  await field(page, /^Signatures/).fill('gse-not-connected');
  await field(page, /^Signatures/).press('Enter');
  await expect(page.getByText(/^Looks in the logs of nodeman for “Agent/)).toBeVisible();
});

test('a label filter is added and removed', async ({ page }) => {
  await open(page, 'query-new');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await field(page, /^Label$/).fill('namespace');
  await page
    .getByRole('option', { name: /^namespace/ })
    .first()
    .click();
  await field(page, /^Value$/).click();
  await page.getByRole('option', { name: 'blueking', exact: true }).click();
  await expect(page.getByText(/\(namespace="blueking"\)/)).toBeVisible();
  await page.getByRole('button', { name: 'Remove filter' }).click();
  await expect(page.getByText(/namespace=/)).toBeHidden();
});

test('the explanation opens, with a link and something to copy', async ({ page }) => {
  await open(page, 'query-new');
  await page.getByRole('button', { name: 'What this asks Loki for' }).click();
  await expect(page.getByText(/^\{.*\} \|= "/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Copy', exact: true }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open in Explore' }).first()).toHaveAttribute('href', /^\/explore\?/);
});

test('a preset of annotations sets the filters', async ({ page }) => {
  await open(page, 'annotation');
  await choose(page, /^(Show|显示)$/, 'Severe incidents');
  await expect(page.getByText('Critical', { exact: true })).toBeVisible();
  await expect(field(page, /^Show$/)).toHaveValue('Severe incidents');
});

test('a variable lists something else', async ({ page }) => {
  await open(page, 'variable');
  await expect(field(page, /^(List|列出)$/)).toHaveValue('Signatures');
  await choose(page, /^(List|列出)$/, 'Incidents');
  await expect(field(page, /^States/)).toBeVisible();
});

test('an alert rule is offered numbers only', async ({ page }) => {
  await open(page, 'query-alert-new');
  await expect(field(page, TYPE)).toHaveValue('Alert');
  await field(page, TYPE).click();
  await expect(page.getByRole('option', { name: /^Count/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /^Incidents/ })).toBeHidden();
});
