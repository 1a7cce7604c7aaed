// Apart from the analysis: who only writes or reads one doesn't load what makes it.

/** Changes whenever an analysis of the same events comes to other results: older ones in a store are then not used. */
export const ANALYSIS_VERSION = 1;
