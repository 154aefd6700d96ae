#ifndef SIBLING_CPOSTGRESQL_H
#define SIBLING_CPOSTGRESQL_H

// A face of PostgreSQL's client library that needs neither its headers nor its link: the library is opened when it
// is first used. Names follow the library's own documentation (PostgreSQL manual, chapter "libpq").

#include <stddef.h>

/// A connection to a server.
typedef struct sibling_pq_connection sibling_pq_connection;
/// The answer to one statement.
typedef struct sibling_pq_result sibling_pq_result;

/// Opens the library; 1 when it is there with every function that is used. Safe from any thread.
int sibling_pq_open(void);
/// The library's version as one number, 150020 for 15.20; 0 before it is opened.
int sibling_pq_version(void);

// Numbers of the library's own enumerations.

/// What connecting waits for.
enum { SIBLING_PQ_POLL_FAILED = 0, SIBLING_PQ_POLL_READING = 1, SIBLING_PQ_POLL_WRITING = 2, SIBLING_PQ_POLL_OK = 3 };
/// What a connection is.
enum { SIBLING_PQ_CONNECTION_OK = 0, SIBLING_PQ_CONNECTION_BAD = 1 };
/// What an answer is.
enum { SIBLING_PQ_EMPTY = 0, SIBLING_PQ_COMMAND = 1, SIBLING_PQ_ROWS = 2, SIBLING_PQ_COPY_OUT = 3 };

/// Whether a connection string can be read; 1 also for NULL, which means the library's environment variables.
int sibling_pq_is_valid(const char *connection);
/// Begins to connect; NULL when there is no memory. Text is UTF-8, messages carry their SQLSTATE, notices are silent.
sibling_pq_connection *sibling_pq_connect(const char *connection);
int sibling_pq_connect_poll(sibling_pq_connection *connection);
int sibling_pq_status(const sibling_pq_connection *connection);
int sibling_pq_socket(const sibling_pq_connection *connection);
const char *sibling_pq_message(const sibling_pq_connection *connection);
/// Whether the server asked for a password that wasn't there.
int sibling_pq_needs_password(const sibling_pq_connection *connection);
/// The password in use, so that it can be kept out of messages.
const char *sibling_pq_password(const sibling_pq_connection *connection);
void sibling_pq_finish(sibling_pq_connection *connection);
/// Asks the server to cancel what the connection is doing; 1 when the request was sent.
int sibling_pq_cancel(sibling_pq_connection *connection);

int sibling_pq_send(sibling_pq_connection *connection, const char *sql);
int sibling_pq_consume(sibling_pq_connection *connection);
int sibling_pq_is_busy(sibling_pq_connection *connection);
sibling_pq_result *sibling_pq_next(sibling_pq_connection *connection);
/// The next piece of a copy: its length and bytes, 0 for none yet, −1 at the end, −2 on failure.
int sibling_pq_copy(sibling_pq_connection *connection, char **bytes);
void sibling_pq_free(char *bytes);

int sibling_pq_result_status(const sibling_pq_result *result);
/// A field of an error: 'V' severity, 'C' SQLSTATE, 'M' message, 'D' detail, 'H' hint; NULL when there is none.
const char *sibling_pq_error_field(const sibling_pq_result *result, int field);
int sibling_pq_row_count(const sibling_pq_result *result);
int sibling_pq_column_count(const sibling_pq_result *result);
const char *sibling_pq_column_name(const sibling_pq_result *result, int column);
unsigned int sibling_pq_column_type(const sibling_pq_result *result, int column);
/// The text of a cell; NULL when it has no value.
const char *sibling_pq_cell(const sibling_pq_result *result, int row, int column);
/// How many rows a command has made, as text.
const char *sibling_pq_affected(sibling_pq_result *result);
void sibling_pq_clear(sibling_pq_result *result);

#endif
