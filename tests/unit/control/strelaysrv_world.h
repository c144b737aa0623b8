/*
 * strelaysrv_world - a strelaysrv's keys in an import_world, and the import
 * of them with flags.
 */
#ifndef TESTS_UNIT_CONTROL_STRELAYSRV_WORLD_H
#define TESTS_UNIT_CONTROL_STRELAYSRV_WORLD_H

#include "tests/unit/control/import_world.h"
#include "tests/unit/suite.h"

/* The device ID of the certificate that strelaysrv 1.19.2 wrote, as it printed
 * it. */
#define DEVICE "RSE6BWR-DKRGXVN-BJHZXFW-HWIIPWM-N7CMURR-3HV5RRY-P5F4AAG-4DPLJA3"

/* strelaysrv_case - a test case that begins with that certificate and its key,
 * as cert.pem and key.pem. */
TCase *strelaysrv_case(const char *name);

/* strelaysrv_put - write file as strelaysrv wrote it. */
void strelaysrv_put(const char *file, unsigned mode);

/* strelaysrv_import - with -keys, and up to three flags more, the rest NULL.
 * Returns the exit code. */
int strelaysrv_import(const char *one, const char *two, const char *three);

#endif
