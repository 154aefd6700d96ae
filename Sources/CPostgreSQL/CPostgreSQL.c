#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// The functions that are used, as the manual declares them; connections and results are opaque there too.
#define FUNCTIONS(F)                                                                          \
  F(int, PQlibVersion, (void))                                                                \
  F(void *, PQconninfoParse, (const char *, char **))                                         \
  F(void, PQconninfoFree, (void *))                                                           \
  F(void *, PQconnectStartParams, (const char *const *, const char *const *, int))            \
  F(int, PQconnectPoll, (void *))                                                             \
  F(int, PQstatus, (const void *))                                                            \
  F(int, PQsocket, (const void *))                                                            \
  F(char *, PQerrorMessage, (const void *))                                                   \
  F(int, PQconnectionNeedsPassword, (const void *))                                           \
  F(char *, PQpass, (const void *))                                                           \
  F(void, PQfinish, (void *))                                                                 \
  F(int, PQsetErrorVerbosity, (void *, int))                                                  \
  F(void *, PQsetNoticeProcessor, (void *, void (*)(void *, const char *), void *))           \
  F(void *, PQgetCancel, (void *))                                                            \
  F(int, PQcancel, (void *, char *, int))                                                     \
  F(void, PQfreeCancel, (void *))                                                             \
  F(int, PQsendQuery, (void *, const char *))                                                 \
  F(int, PQconsumeInput, (void *))                                                            \
  F(int, PQisBusy, (void *))                                                                  \
  F(void *, PQgetResult, (void *))                                                            \
  F(int, PQgetCopyData, (void *, char **, int))                                               \
  F(void, PQfreemem, (void *))                                                                \
  F(int, PQresultStatus, (const void *))                                                      \
  F(char *, PQresultErrorField, (const void *, int))                                          \
  F(int, PQntuples, (const void *))                                                           \
  F(int, PQnfields, (const void *))                                                           \
  F(char *, PQfname, (const void *, int))                                                     \
  F(unsigned int, PQftype, (const void *, int))                                               \
  F(char *, PQgetvalue, (const void *, int, int))                                             \
  F(int, PQgetisnull, (const void *, int, int))                                               \
  F(char *, PQcmdTuples, (void *))                                                            \
  F(void, PQclear, (void *))

#define MEMBER(result, name, arguments) result(*name) arguments;
static struct {
  FUNCTIONS(MEMBER)
} pq;

static int is_open = 0;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
  static const char *const names[] = {"libpq.so.5", "libpq.so", "libpq.5.dylib", NULL};
  void *library = NULL;
  for (int i = 0; names[i] != NULL && library == NULL; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (library == NULL) return;
  int found = 1;
#define FIND(result, name, arguments)                 \
  *(void **)(&pq.name) = dlsym(library, #name);       \
  if (pq.name == NULL) found = 0;
  FUNCTIONS(FIND)
  is_open = found;
}

int sibling_pq_open(void) {
  pthread_once(&once, open_library);
  return is_open;
}

int sibling_pq_version(void) { return is_open ? pq.PQlibVersion() : 0; }

int sibling_pq_is_valid(const char *connection) {
  if (connection == NULL) return 1;
  char *message = NULL;
  void *options = pq.PQconninfoParse(connection, &message);
  // The message may quote the string, and with it a password.
  if (message != NULL) pq.PQfreemem(message);
  if (options == NULL) return 0;
  pq.PQconninfoFree(options);
  return 1;
}

static void ignore_notice(void *context, const char *message) {
  (void)context;
  (void)message;
}

sibling_pq_connection *sibling_pq_connect(const char *connection) {
  // What stands before the connection string can be overridden by it, what stands after it cannot.
  const char *const keywords[] = {
      "keepalives_idle", "keepalives_interval", "keepalives_count", "fallback_application_name",
      "dbname", "client_encoding", NULL};
  const char *const values[] = {"30", "10", "3", "sibling", connection, "UTF8", NULL};
  static const int verbose = 2;
  void *made = pq.PQconnectStartParams(keywords, values, 1);
  if (made == NULL) return NULL;
  pq.PQsetErrorVerbosity(made, verbose);
  pq.PQsetNoticeProcessor(made, ignore_notice, NULL);
  return made;
}

int sibling_pq_connect_poll(sibling_pq_connection *connection) {
  return pq.PQconnectPoll(connection);
}

int sibling_pq_status(const sibling_pq_connection *connection) { return pq.PQstatus(connection); }

int sibling_pq_socket(const sibling_pq_connection *connection) { return pq.PQsocket(connection); }

const char *sibling_pq_message(const sibling_pq_connection *connection) {
  return pq.PQerrorMessage(connection);
}

int sibling_pq_needs_password(const sibling_pq_connection *connection) {
  return pq.PQconnectionNeedsPassword(connection);
}

const char *sibling_pq_password(const sibling_pq_connection *connection) {
  return pq.PQpass(connection);
}

void sibling_pq_finish(sibling_pq_connection *connection) { pq.PQfinish(connection); }

int sibling_pq_cancel(sibling_pq_connection *connection) {
  void *cancel = pq.PQgetCancel(connection);
  if (cancel == NULL) return 0;
  char message[256];
  int sent = pq.PQcancel(cancel, message, sizeof message);
  pq.PQfreeCancel(cancel);
  return sent;
}

int sibling_pq_send(sibling_pq_connection *connection, const char *sql) {
  return pq.PQsendQuery(connection, sql);
}

int sibling_pq_consume(sibling_pq_connection *connection) {
  return pq.PQconsumeInput(connection);
}

int sibling_pq_is_busy(sibling_pq_connection *connection) { return pq.PQisBusy(connection); }

sibling_pq_result *sibling_pq_next(sibling_pq_connection *connection) {
  return pq.PQgetResult(connection);
}

int sibling_pq_copy(sibling_pq_connection *connection, char **bytes) {
  return pq.PQgetCopyData(connection, bytes, 1);
}

void sibling_pq_free(char *bytes) { pq.PQfreemem(bytes); }

int sibling_pq_result_status(const sibling_pq_result *result) {
  return pq.PQresultStatus(result);
}

const char *sibling_pq_error_field(const sibling_pq_result *result, int field) {
  return pq.PQresultErrorField(result, field);
}

int sibling_pq_row_count(const sibling_pq_result *result) { return pq.PQntuples(result); }

int sibling_pq_column_count(const sibling_pq_result *result) { return pq.PQnfields(result); }

const char *sibling_pq_column_name(const sibling_pq_result *result, int column) {
  return pq.PQfname(result, column);
}

unsigned int sibling_pq_column_type(const sibling_pq_result *result, int column) {
  return pq.PQftype(result, column);
}

const char *sibling_pq_cell(const sibling_pq_result *result, int row, int column) {
  return pq.PQgetisnull(result, row, column) ? NULL : pq.PQgetvalue(result, row, column);
}

const char *sibling_pq_affected(sibling_pq_result *result) { return pq.PQcmdTuples(result); }

void sibling_pq_clear(sibling_pq_result *result) { pq.PQclear(result); }
