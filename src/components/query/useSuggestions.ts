import { useEffect, useState } from 'react';

import type { DataSource } from '../../datasource';
import { loadSuggestions, NO_SUGGESTIONS, type Suggestions } from '../../query/suggestions';

export function useSuggestions(datasource: DataSource): Suggestions {
  const [suggestions, setSuggestions] = useState(NO_SUGGESTIONS);
  useEffect(() => {
    let shown = true;
    loadSuggestions(datasource).then((loaded) => shown && setSuggestions(loaded));
    return () => {
      shown = false;
    };
  }, [datasource]);
  return suggestions;
}
