import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..', '..');

export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { w: number; h: number; x: number; y: number };
  datasource?: { type: string };
  targets?: Array<Record<string, unknown> & { queryType?: string; stat?: string; expr?: string }>;
  options?: Record<string, unknown>;
  fieldConfig?: {
    defaults: Record<string, unknown>;
    overrides: Array<{
      matcher: { id: string; options: string };
      properties: Array<{ id: string; value: unknown }>;
    }>;
  };
  transformations?: Array<{ id: string; options: Record<string, unknown> }>;
  panels?: Panel[];
}

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The panels of the shipped dashboards of a language, those in rows too, with where each stands. */
export function shippedPanels(language: Language): Array<[string, Panel]> {
  const folder = join(ROOT, 'dashboards', language);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { panels }: { panels: Panel[] } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return panels
        .flatMap((panel) => [panel, ...(panel.panels ?? [])])
        .filter(({ type }) => type !== 'row')
        .map((panel): [string, Panel] => [`${name}, ${panel.id} ${panel.title}`, panel]);
    });
}

/** A frame that the backend rendered, from a golden file of pkg/frames, which opens with comments for people. */
export function goldenFrame(name: string): unknown {
  const text = readFileSync(join(ROOT, 'pkg', 'frames', 'testdata', `${name}.jsonc`), 'utf8');
  const { frames }: { frames: unknown[] } = JSON.parse(text.replace(/^\/\/.*$/gm, ''));
  return frames[0];
}
