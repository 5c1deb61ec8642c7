import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { CodeEditor } from '@grafana/ui';

import type { SectionProps } from './section';

export function SignaturesSection({ options, settings, change }: SectionProps) {
  return (
    <ConfigSection
      title={t('config.signatures.title', 'Custom signatures')}
      description={t(
        'config.signatures.description',
        'Failures that the built-in catalogue does not know, as YAML; several documents are separated by ---. Save & test checks them.'
      )}
      isCollapsible
      isInitiallyOpen={settings.signatures !== ''}
    >
      <CodeEditor
        language="yaml"
        height={320}
        value={settings.signatures}
        readOnly={options.readOnly}
        showLineNumbers
        showMiniMap={false}
        onBlur={(signatures) => change({ signatures })}
        onSave={(signatures) => change({ signatures })}
      />
    </ConfigSection>
  );
}
