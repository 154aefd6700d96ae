// OpenBLAS's C face: cblas and the thread controls. Debian package: libopenblas-dev.
#include <cblas.h>
