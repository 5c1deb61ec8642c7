import type { Options } from '../../settings/defaults';
import type { Settings } from '../../types';

/** What every section of the configuration page gets. */
export interface SectionProps {
  /** As stored. */
  options: Options;
  /** With the defaults filled in. */
  settings: Settings;
  change: (change: Partial<Settings>) => void;
}
