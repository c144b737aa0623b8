/* What cppcheck can't know without reading <sys/queue.h> and jansson.h. */
#define LIST_HEAD(name, type)          \
	struct name {                  \
		struct type *lh_first; \
	}
#define TAILQ_HEAD(name, type)          \
	struct name {                   \
		struct type *tqh_first; \
	}
#define STAILQ_HEAD(name, type)          \
	struct name {                    \
		struct type *stqh_first; \
	}
#define SLIST_HEAD(name, type)          \
	struct name {                   \
		struct type *slh_first; \
	}
#define SLIST_ENTRY(type)          \
	struct {                   \
		struct type *next; \
	}
#define LIST_ENTRY(type)           \
	struct {                   \
		struct type *next; \
	}
#define TAILQ_ENTRY(type)          \
	struct {                   \
		struct type *next; \
	}
#define STAILQ_ENTRY(type)         \
	struct {                   \
		struct type *next; \
	}
#define LIST_FOREACH(var, head, field)		for (var = (head)->lh_first;;)
#define TAILQ_FOREACH(var, head, field)		for (var = (head)->tqh_first;;)
#define json_object_foreach(object, key, value) for (key = 0, value = 0;;)
#define json_array_foreach(array, index, value) for (index = 0, value = 0;;)
