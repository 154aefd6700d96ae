#ifndef SIBLING_CPostgreSQL_H
#define SIBLING_CPostgreSQL_H
/// Opens the library; 0 when it isn't there.
int sibling_postgres_open(void);
#endif
