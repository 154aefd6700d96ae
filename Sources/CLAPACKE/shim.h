// LAPACK's C face. Debian package: liblapacke-dev.
#include <lapacke.h>
