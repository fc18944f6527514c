/**
 * Container output on its way from the pipe to the log file in the format of the CRI (a line of
 * {@code timestamp stream tag content}), so that killing the monitor at any instant loses nothing:
 * a chunk is looked at in the pipe, noted in the journal, appended to the log, and only then taken
 * out of the pipe.
 */
@NullMarked
package io.crij.monitor.log;

import org.jspecify.annotations.NullMarked;
