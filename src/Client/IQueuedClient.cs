namespace Queued.Client;

/// <summary>
/// Submits tasks to a <c>queued</c> daemon, waits for them, reads and steers them. Thread-safe; one for a program is
/// enough. An interface so that tests of programs can put their own in its place.
/// </summary>
/// <remarks>
/// Unless a member says otherwise it throws <see cref="InvalidRequestException"/> for a value that the daemon does not
/// allow, <see cref="TaskNotFoundException"/> for a task that is not there (any more),
/// <see cref="DaemonUnavailableException"/> where the daemon cannot be reached or does not answer within
/// <see cref="QueuedClientOptions.DefaultTimeout"/>, and <see cref="OperationCanceledException"/> for the caller's
/// token. Inside a handler a wait for another task gives the attempt's slot back for as long as it lasts, so that tasks
/// can wait for tasks of their own pool.
/// </remarks>
public partial interface IQueuedClient : IAsyncDisposable
{
    /// <summary>Declares, reads and steers queues.</summary>
    IQueues Queues { get; }

    /// <summary>Makes, reads and steers pools of workers.</summary>
    IPools Pools { get; }

    /// <summary>Reads and stops workers.</summary>
    IWorkers Workers { get; }

    /// <summary>
    /// A named queue of messages, which other processes put into and get from. Made with its first use, where it is not
    /// there. Asks nothing of the daemon by itself.
    /// </summary>
    /// <typeparam name="T">
    /// Type of the messages. <c>byte[]</c>, <see cref="ReadOnlyMemory{T}"/> of bytes and <see cref="TaskPayload"/>
    /// travel as they are, everything else as JSON.
    /// </typeparam>
    /// <param name="name">Its name, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="options">What it is made with. Null: in memory, without a limit of its own.</param>
    MessageQueue<T> Queue<T>(string name, MessageQueueOptions? options = null);

    /// <summary>Makes, opens and reads segments of shared memory.</summary>
    ISharedMemorySegments Memory { get; }

    /// <summary>Asks the daemon how it is.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<DaemonStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Has the daemon write a copy of all that it stores to a new file, while work goes on. Completes when the file is
    /// whole and on the disk. <c>queued restore</c> puts it in the place of a store.
    /// </summary>
    /// <param name="path">Absolute path where the daemon runs. Nothing may be there yet.</param>
    /// <param name="cancellationToken">Stops the call and the backup; then there is no file.</param>
    /// <returns>The size of the file in bytes.</returns>
    /// <exception cref="PreconditionFailedException">
    /// The daemon stores nothing, or the file could not be written; the message says why.
    /// </exception>
    Task<long> BackupAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds a task whose input is bytes. Completes when the queue has it (and, on a durable queue, the disk).
    /// </summary>
    /// <param name="handler">Name of the handler, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="payload">The handler's input.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. The task may have been added all the same.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    /// <exception cref="CapacityExceededException">The queue, or the daemon, is full.</exception>
    /// <exception cref="ConflictException">The idempotency key was used for other content.</exception>
    /// <exception cref="PreconditionFailedException">The queue takes no new tasks.</exception>
    Task<TaskHandle> SubmitAsync(
        string handler,
        TaskPayload payload,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds a task whose input is written as JSON.</summary>
    /// <inheritdoc cref="SubmitAsync(string, TaskPayload, SubmitOptions?, CancellationToken)"/>
    /// <typeparam name="TIn">Type of the input.</typeparam>
    /// <param name="handler">Name of the handler, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="input">The handler's input.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. The task may have been added all the same.</param>
    Task<TaskHandle> SubmitAsync<TIn>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Adds a task whose input is written, and whose result is read, as JSON.</summary>
    /// <inheritdoc cref="SubmitAsync(string, TaskPayload, SubmitOptions?, CancellationToken)"/>
    /// <typeparam name="TIn">Type of the input.</typeparam>
    /// <typeparam name="TOut">Type of the result.</typeparam>
    /// <param name="handler">Name of the handler, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="input">The handler's input.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. The task may have been added all the same.</param>
    Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds many tasks, each taken or refused by itself. Completes when the last has been answered. The input is read
    /// as the daemon takes tasks, a bounded number ahead.
    /// </summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="cancellationToken">Stops the call. Tasks that were taken stay.</param>
    /// <returns>One for each task, in their order.</returns>
    Task<IReadOnlyList<SubmitResult>> SubmitManyAsync(
        IEnumerable<TaskSubmission> tasks, CancellationToken cancellationToken = default);

    /// <summary>Adds one task for each input, written as JSON.</summary>
    /// <inheritdoc cref="SubmitManyAsync(IEnumerable{TaskSubmission}, CancellationToken)"/>
    /// <typeparam name="TIn">Type of the inputs.</typeparam>
    /// <param name="handler">Name of the handler of all of them.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. Tasks that were taken stay.</param>
    Task<IReadOnlyList<SubmitResult>> SubmitManyAsync<TIn>(
        string handler,
        IEnumerable<TIn> inputs,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds a task and waits for its result.</summary>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="payload">The handler's input.</param>
    /// <param name="options">
    /// Everything else. Null: all defaults. Unless it says otherwise <see cref="SubmitOptions.ResultTtl"/> is 0: the
    /// result is delivered and not kept, and lost if the connection breaks as the task ends.
    /// </param>
    /// <param name="cancellationToken">Stops the wait and cancels the task.</param>
    /// <returns>The handler's result.</returns>
    /// <exception cref="TaskUnsuccessfulException">The task ended without one; the leaves say how.</exception>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    /// <exception cref="CapacityExceededException">The queue, or the daemon, is full.</exception>
    /// <exception cref="ConflictException">The idempotency key was used for other content.</exception>
    /// <exception cref="PreconditionFailedException">The queue takes no new tasks.</exception>
    Task<TaskPayload> RunAsync(
        string handler,
        TaskPayload payload,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds a task, waits for its result and reads that where it is: one that came by shared memory is not copied.
    /// </summary>
    /// <inheritdoc cref="RunAsync(string, TaskPayload, SubmitOptions?, CancellationToken)"/>
    /// <typeparam name="TOut">What is made of the result.</typeparam>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="payload">The handler's input.</param>
    /// <param name="read">
    /// Makes it of the result, whose bytes must not be used after it has returned: they may be another task's. So it is
    /// not async. Where the connection is lost it has five seconds more.
    /// </param>
    /// <param name="options">As in the other overloads.</param>
    /// <param name="cancellationToken">Stops the wait and cancels the task.</param>
    /// <returns>What <paramref name="read"/> returns.</returns>
    /// <exception cref="ArgumentException"><paramref name="read"/> returns something to be awaited.</exception>
    /// <exception cref="DaemonUnavailableException">
    /// The connection was lost more than five seconds before <paramref name="read"/> returned.
    /// </exception>
    Task<TOut> RunAsync<TOut>(
        string handler,
        TaskPayload payload,
        Func<TaskPayload, TOut> read,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds a task with JSON in and out, and waits for its result.</summary>
    /// <inheritdoc cref="RunAsync(string, TaskPayload, SubmitOptions?, CancellationToken)"/>
    /// <exception cref="UnreadableResultException">The result is not JSON of this type.</exception>
    /// <typeparam name="TIn">Type of the input.</typeparam>
    /// <typeparam name="TOut">Type of the result.</typeparam>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="input">The handler's input.</param>
    /// <param name="options">
    /// Everything else. Null: all defaults. Unless it says otherwise <see cref="SubmitOptions.ResultTtl"/> is 0: the
    /// result is delivered and not kept, and lost if the connection breaks as the task ends.
    /// </param>
    /// <param name="cancellationToken">Stops the wait and cancels the task.</param>
    Task<TOut> RunAsync<TIn, TOut>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs a handler over every input and gives the results. Inputs are read lazily, on another thread, at most
    /// <see cref="MapOptions.Window"/> ahead of the results that were taken. To leave the loop early cancels what is
    /// under way.
    /// </summary>
    /// <typeparam name="TIn">Type of the inputs.</typeparam>
    /// <typeparam name="TOut">Type of the results.</typeparam>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="inputs">The inputs; may be endless.</param>
    /// <param name="options">How. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the map and cancels what is under way.</param>
    /// <exception cref="ArgumentException">An option has a value that is not allowed. Thrown by the call.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no JSON metadata for the type of the inputs or the results. Thrown by the call.
    /// </exception>
    /// <exception cref="TaskUnsuccessfulException">
    /// An input has no result: thrown in its place, and the map ends.
    /// </exception>
    /// <exception cref="UnreadableResultException">
    /// A result is not JSON of its type: thrown in its place, and the map ends.
    /// </exception>
    /// <exception cref="QueueNotFoundException">There is no such queue: thrown in an input's place.</exception>
    /// <exception cref="PreconditionFailedException">
    /// The queue takes no new tasks: thrown in an input's place. (Where it is full the map waits for room.)
    /// </exception>
    IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(string, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// The same as <see cref="MapAsync{TIn, TOut}(string, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>, with
    /// each result or error beside its input instead of an exception for the first input that fails.
    /// </summary>
    /// <typeparam name="TIn">Type of the inputs.</typeparam>
    /// <typeparam name="TOut">Type of the results.</typeparam>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="inputs">The inputs; may be endless.</param>
    /// <param name="options">How. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the map and cancels what is under way.</param>
    /// <exception cref="ArgumentException">An option has a value that is not allowed. Thrown by the call.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no JSON metadata for the type of the inputs or the results. Thrown by the call.
    /// </exception>
    IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="MapResultsAsync{TIn, TOut}(string, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>A handle on a task that was submitted before, here or elsewhere. Asks the daemon nothing.</summary>
    /// <param name="task">Its number.</param>
    TaskHandle GetHandle(TaskId task);

    /// <summary>Waits for the end of a task, however it ends.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="cancellationToken">Stops the wait; the task goes on.</param>
    Task<TaskOutcome> WaitAsync(TaskId task, CancellationToken cancellationToken = default);

    /// <summary>Waits for the ends of all tasks, however they end.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="cancellationToken">Stops the wait; the tasks go on.</param>
    /// <returns>One for each task, in their order.</returns>
    Task<IReadOnlyList<TaskOutcome>> WaitAllAsync(
        IEnumerable<TaskHandle> tasks, CancellationToken cancellationToken = default);

    /// <summary>Waits for the first end of many tasks, however it ends.</summary>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <param name="cancellationToken">Stops the wait; the tasks go on.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    Task<TaskOutcome> WaitAnyAsync(IEnumerable<TaskHandle> tasks, CancellationToken cancellationToken = default);

    /// <summary>Gives the ends of all tasks as they come.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="cancellationToken">Stops the wait; the tasks go on.</param>
    IAsyncEnumerable<TaskOutcome> WhenEachAsync(
        IEnumerable<TaskHandle> tasks, CancellationToken cancellationToken = default);

    /// <summary>Reads one task.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="includePayload">True: with <see cref="TaskInfo.Payload"/>.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<TaskInfo> GetTaskAsync(
        TaskId task, bool includePayload = false, CancellationToken cancellationToken = default);

    /// <summary>Reads many tasks, newest first, page by page, without payloads and results.</summary>
    /// <param name="query">Which tasks. Null: all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<TaskInfo> ListTasksAsync(TaskQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives every change of a task (state, progress), from its present state to its final one, then ends. Changes that
    /// follow each other fast may come as one.
    /// </summary>
    /// <param name="task">Its number.</param>
    /// <param name="cancellationToken">Stops the watch; the task goes on.</param>
    IAsyncEnumerable<TaskInfo> WatchTaskAsync(TaskId task, CancellationToken cancellationToken = default);

    /// <summary>Cancels a task. A queued one ends at once; a running one is asked to stop, then made to.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="reason">One line for people, kept in the failure. At most 1 KiB. Null: none.</param>
    /// <param name="grace">Time between the polite request and the kill, 0 to 1 hour. Null: the task's grace.</param>
    /// <param name="cancellationToken">Stops the call, not the cancel.</param>
    /// <returns>
    /// The task after the request: CANCELLED, or RUNNING with <see cref="TaskInfo.CancelRequested"/>.
    /// </returns>
    /// <exception cref="PreconditionFailedException">It has ended.</exception>
    Task<TaskInfo> CancelTaskAsync(
        TaskId task, string? reason = null, TimeSpan? grace = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a finished task once more, as a new task.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="cancellationToken">Stops the call, not the retry.</param>
    /// <returns>The new task.</returns>
    /// <exception cref="PreconditionFailedException">It has not ended.</exception>
    Task<TaskHandle> RetryTaskAsync(TaskId task, CancellationToken cancellationToken = default);

    /// <summary>Reads what a task's attempts wrote to stdout, stderr and their log.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="follow">True: go on until the task reaches its final state.</param>
    /// <param name="attempt">Which attempt. Null: all that are kept, oldest first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    IAsyncEnumerable<TaskLogEntry> ReadTaskLogsAsync(
        TaskId task, bool follow = false, int? attempt = null, CancellationToken cancellationToken = default);

    /// <summary>Adds a task that runs an OS command. <see cref="ExecResult.Read"/> reads its outcome.</summary>
    /// <param name="request">The command.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. The task may have been added all the same.</param>
    /// <exception cref="PermissionDeniedException">The daemon does not allow commands to this caller.</exception>
    Task<TaskHandle> SubmitExecAsync(
        ExecRequest request, SubmitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs an OS command and waits for its end. A command that ends with another code than 0, or by a signal, is a
    /// result: look at <see cref="ExecResult.ExitCode"/>.
    /// </summary>
    /// <param name="request">The command.</param>
    /// <param name="options">
    /// Everything else. Null: all defaults. Unless it says otherwise <see cref="SubmitOptions.ResultTtl"/> is 0: the
    /// result is delivered and not kept, and lost if the connection breaks as the task ends.
    /// </param>
    /// <param name="cancellationToken">Stops the wait and cancels the command.</param>
    /// <exception cref="PermissionDeniedException">The daemon does not allow commands to this caller.</exception>
    /// <exception cref="TaskUnsuccessfulException">
    /// The command could not be started, was cancelled, or ran out of time.
    /// </exception>
    /// <exception cref="UnreadableResultException">The result is not that of a command.</exception>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    /// <exception cref="CapacityExceededException">The queue, or the daemon, is full.</exception>
    /// <exception cref="ConflictException">The idempotency key was used for other content.</exception>
    /// <exception cref="PreconditionFailedException">The queue takes no new tasks.</exception>
    Task<ExecResult> ExecAsync(
        ExecRequest request, SubmitOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// An end of a pipe, which is made where there is none. Takes nothing yet: see <see cref="PipeEnd{T}"/>.
    /// </summary>
    /// <param name="name">Name of the pipe, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="side">Which end. Each is taken once in a pipe's life.</param>
    /// <param name="mode">Which way messages go. Both ends have to say the same.</param>
    /// <param name="bufferBytes">
    /// Most bytes that the daemon holds in each direction, 1 to its limit (4 MiB); past it sends wait, and a longer
    /// message goes alone. What the two clients have in hand comes on top. 0: 1 MiB, or what the pipe has that is
    /// there.
    /// </param>
    PipeEnd<T> Pipe<T>(
        string name, PipeSide side = PipeSide.Any, PipeMode mode = PipeMode.Duplex, long bufferBytes = 0);

    /// <summary>Reads all pipes, in the order of their names, page by page.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<PipeInfo> ListPipesAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until at least one of several things can be had without waiting, or has ended. Nothing is taken. What
    /// <c>multiprocessing.connection.wait</c> is to Python. All that wait for the same thing are told of it; who comes
    /// too late to take it waits again.
    /// </summary>
    /// <param name="targets">What to wait for, 1 to 1000, of this client.</param>
    /// <param name="timeout">How long, 0 or more. Null: until one is ready.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>
    /// Places of those that are ready among <paramref name="targets"/>, in their order. Empty: the time is over.
    /// </returns>
    /// <exception cref="InvalidRequestException">There are more targets than a wait takes.</exception>
    /// <exception cref="TaskNotFoundException">There is no such task.</exception>
    /// <exception cref="QueueNotFoundException">A queue was deleted during the wait.</exception>
    /// <exception cref="StateNotFoundException">
    /// An event was deleted, or the last handle of this client on it disposed, during the wait.
    /// </exception>
    /// <exception cref="PreconditionFailedException">
    /// A queue holds tasks and no messages, or an event's name is that of another kind of object.
    /// </exception>
    /// <exception cref="PipeClosedException">An end of a pipe only sends, or was closed here.</exception>
    /// <exception cref="SessionLostException">The connection ended during the wait.</exception>
    Task<IReadOnlyList<int>> WaitAnyAsync(
        IReadOnlyList<WaitTarget> targets, TimeSpan? timeout = null, CancellationToken cancellationToken = default);
}
