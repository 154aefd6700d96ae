#include "CPostgreSQL.h"

int sibling_postgres_open(void) { return 0; }
