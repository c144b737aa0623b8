/*
 * output - the end of a command that prints: what nobody got was no success.
 */
#ifndef COMMON_OUTPUT_H
#define COMMON_OUTPUT_H

/*
 * output_finish - flush standard output, and say on stderr if not all of it
 * was taken.
 *
 * who      the program, for that sentence.
 * code     its exit status so far.
 * Returns  code; EXITCODE_TRY_AGAIN if that was EXITCODE_OK and output was
 *          lost.
 */
int output_finish(const char *who, int code);

#endif
