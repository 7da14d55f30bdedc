using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Queued.Protocol.Streams;
using Queued.Worker.Chunks;

namespace Queued.Client.Maps;

/// <summary>
/// One run of a map. A <see cref="MapInputs{TIn, TOut}"/> reads inputs and submits tasks while there is room in the
/// window; the caller's loop reads outcomes, sends again what has to be, and gives the results.
/// </summary>
internal sealed class MapRun<TIn, TOut>(
    TaskStream stream, MapCodec<TIn, TOut> codec, MapOptions options, TimeProvider clock)
{
    private const string MapEnded = "The map that it belongs to has ended.";

    private readonly Lock _gate = new();
    private readonly WakeSignal _ready = new();
    private readonly HashSet<MapTask<TIn, TOut>> _outstanding = [];
    private readonly Queue<MapChunk<TIn, TOut>> _inOrder = new();
    private readonly Queue<MapChunk<TIn, TOut>> _complete = new();
    private readonly MapRetries _retries = new(options, clock);
    private List<(MapTask<TIn, TOut> Task, TaskOutcome? Outcome, Exception? Error)> _arrived = [];
    private List<(MapTask<TIn, TOut> Task, TaskOutcome? Outcome, Exception? Error)> _handling = [];
    private SubmitTemplate? _template;
    private int _postponed;
    private bool _isOver;

    public MapCodec<TIn, TOut> Codec => codec;

    public ChunkSizer Sizer { get; } = new(options.ChunkSize, options.Window, MayGrow(options.Submit));

    /// <summary>Whether chunks are tried at all; off as soon as a worker was met that cannot read them.</summary>
    public bool UsesChunks { get; private set; } = options.ChunkSize != 1;

    /// <summary>The results, in chunks that are complete.</summary>
    public async IAsyncEnumerable<MapChunk<TIn, TOut>> RunAsync(
        MapInputs<TIn, TOut> inputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var wake = leaving.Token.Register(Wake).ConfigureAwait(false);
        inputs.Start(this, leaving.Token);
        var isFirst = true;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isLast = inputs.IsFinished;
                HandleArrived(leaving.Token);
                while (TryTake(out var chunk))
                {
                    yield return chunk;
                    inputs.MakeRoom(chunk.Count);
                }

                if (isLast && IsIdle)
                    break;
                // Not before the first result: nothing is idle yet, and the first chunk may be under way to be full.
                if (!isLast && !isFirst && IsIdle)
                    inputs.Flush();
                isFirst = false;
                await WaitScope.RunAsync(_ready).ConfigureAwait(false);
            }

            await inputs.Completion.ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            End();
            await inputs.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Wake() => _ready.Set();

    /// <summary>Submits all inputs of a chunk as one task.</summary>
    public void Submit(MapChunk<TIn, TOut> chunk, ReadOnlyMemory<byte> payload, bool isChunk)
    {
        chunk.Close();
        if (options.Ordered)
        {
            lock (_gate)
                _inOrder.Enqueue(chunk);
        }

        var contentType = isChunk ? codec.ChunkContentType : codec.SingleContentType!;
        Submit(
            new MapTask<TIn, TOut>(this, chunk, 0, chunk.Count, isChunk),
            _retries.Options,
            new TaskPayload(payload, contentType));
    }

    /// <summary>Called on the stream's reading thread: the results are read by the caller's.</summary>
    public void Arrived(MapTask<TIn, TOut> task, TaskOutcome? outcome, Exception? error)
    {
        lock (_gate)
        {
            _outstanding.Remove(task);
            if (_isOver)
                return;
            _arrived.Add((task, outcome, error));
        }

        _ready.Set();
    }

    private static bool MayGrow(SubmitOptions? submit) =>
        submit is null or { Timeout: null, SoftTimeout: null, QueueTimeout: null, ConcurrencyKey: null };

    private bool IsIdle
    {
        get
        {
            lock (_gate)
                return _outstanding.Count == 0 && _arrived.Count == 0 && _postponed == 0 && _complete.Count == 0;
        }
    }

    private void Submit(MapTask<TIn, TOut> task, SubmitOptions submit, TaskPayload payload)
    {
        (task.Template, task.Payload) = (SubmitTemplate.Of(ref _template, codec.Handler, submit), payload);
        task.Priority = submit.Priority;
        Submit(task);
    }

    private void Submit(MapTask<TIn, TOut> task)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _outstanding.Add(task);
        }

        try
        {
            stream.Submit(task);
        }
        catch (ObjectDisposedException)
        {
            // Nothing will be heard of it, so it must not count as under way: the loop would wait for it for ever.
            lock (_gate)
                _outstanding.Remove(task);
            throw;
        }
    }

    private bool TryTake(out MapChunk<TIn, TOut> chunk)
    {
        if (!options.Ordered)
            return _complete.TryDequeue(out chunk!);
        lock (_gate)
        {
            if (_inOrder.TryPeek(out chunk!) && chunk.IsComplete)
            {
                _inOrder.Dequeue();
                return true;
            }
        }

        return false;
    }

    private void HandleArrived(CancellationToken cancellationToken)
    {
        lock (_gate)
            (_arrived, _handling) = (_handling, _arrived);
        foreach (var (task, outcome, error) in _handling)
        {
            if (outcome is not null)
                Handle(task, outcome);
            else
                Handle(task, error!, cancellationToken);
            if (!options.Ordered && task.Chunk.IsComplete)
                _complete.Enqueue(task.Chunk);
        }

        _handling.Clear();
    }

    private void Handle(MapTask<TIn, TOut> task, TaskOutcome outcome)
    {
        var result = outcome.Result ?? TaskPayload.Empty;
        if (outcome.IsSuccess && ChunkPayload.IsChunk(result.ContentType))
            ReadChunk(task, outcome, result);
        else if (outcome.IsSuccess && !task.IsChunk)
            ReadSingle(task, result);
        else if (outcome.IsSuccess || (outcome.Failure?.Kind == FailureKind.Rejected && task.Count > 1))
        {
            // This worker takes a chunk for an input, or refuses it.
            UsesChunks = codec.SingleContentType is null;
            SubmitAlone(task, 0);
        }
        else if (task.Count > 1 && outcome.State is TaskState.Failed or TaskState.TimedOut)
            SubmitAlone(task, 0);
        else
            FailFrom(task, 0, TaskUnsuccessfulException.From(outcome));
    }

    private void Handle(MapTask<TIn, TOut> task, Exception error, CancellationToken cancellationToken)
    {
        if (error is CapacityExceededException { IsTransient: true } full)
        {
            lock (_gate)
                _postponed++;
            _ = SubmitLaterAsync(task, full.RetryAfter, cancellationToken);
        }
        else if (error is InvalidRequestException { Reason: ErrorMapping.PayloadTooLarge } && task.Count > 1)
            SubmitAlone(task, 0);
        else if (error is QueuedException queued)
            FailFrom(task, 0, queued);
        else
            throw error;
    }

    private void ReadSingle(MapTask<TIn, TOut> task, TaskPayload result)
    {
        try
        {
            task.Chunk.Succeed(task.Offset, ResultJson.Read(result.Data.Span, codec.Output));
        }
        catch (UnreadableResultException error)
        {
            FailFrom(task, 0, error);
        }

        if (ChunkPayload.NamesChunks(result.ContentType) && ChunkPayload.ReadElapsed(result.ContentType) is { } elapsed)
            Sizer.Measured(1, elapsed);
    }

    private void ReadChunk(MapTask<TIn, TOut> task, TaskOutcome outcome, TaskPayload result)
    {
        var count = ChunkResult.Read(
            result.Data.Span,
            ChunkPayload.IsPlain(result.ContentType),
            task.Count,
            codec.OutputValue,
            (item, output) => task.Chunk.Succeed(task.Offset + item, output),
            (item, error) => HandleItem(task, task.Offset + item, outcome, error),
            (item, error) => task.Chunk.Fail(task.Offset + item, error));

        // Inputs at the end that were not run are sent again; one that is alone would be for ever.
        if (count == 0 && task.Count == 1)
            FailFrom(task, 0, ResultJson.Unreadable("The result of a chunk of 1 input has none."));
        else if (count < task.Count)
        {
            Sizer.Overflowed(count);
            SubmitAlone(task, count);
        }
        else if (ChunkPayload.ReadElapsed(result.ContentType) is { } elapsed)
            Sizer.Measured(task.Count, elapsed);
    }

    private void HandleItem(MapTask<TIn, TOut> task, int item, TaskOutcome outcome, ChunkError error)
    {
        if (error.Snooze is { } delay)
            SubmitOne(task.Chunk, item, _retries.Options with { Delay = delay, RunAt = null }, isLastTry: false);
        else if (!task.IsLastTry && _retries.AfterFailureInChunk(error.Failure) is { } again)
            SubmitOne(task.Chunk, item, again, isLastTry: true);
        else
            task.Chunk.Fail(
                item,
                new TaskFailedException(
                    outcome with { State = TaskState.Failed, Result = null, Failure = error.Failure }));
    }

    /// <summary>Sends the inputs of a task again, each in a task of its own.</summary>
    private void SubmitAlone(MapTask<TIn, TOut> task, int from)
    {
        for (var item = from; item < task.Count; item++)
            SubmitOne(task.Chunk, task.Offset + item, _retries.Options, isLastTry: false);
    }

    private void SubmitOne(MapChunk<TIn, TOut> chunk, int item, SubmitOptions submit, bool isLastTry)
    {
        var isChunk = codec.SingleContentType is null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            MapPayload.Write(writer, buffer, codec, chunk.Inputs[item], isChunk);
        Submit(
            new MapTask<TIn, TOut>(this, chunk, item, 1, isChunk) { IsLastTry = isLastTry },
            submit,
            new TaskPayload(buffer.WrittenMemory, isChunk ? codec.ChunkContentType : codec.SingleContentType!));
    }

    private static void FailFrom(MapTask<TIn, TOut> task, int from, QueuedException error)
    {
        for (var item = from; item < task.Count; item++)
            task.Chunk.Fail(task.Offset + item, error);
    }

    private async Task SubmitLaterAsync(
        MapTask<TIn, TOut> task, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        try
        {
            await _retries.DelayAsync(++task.Refusals, retryAfter, cancellationToken).ConfigureAwait(false);
            Submit(task);
        }
        catch (OperationCanceledException)
        {
            // The map is over; nobody waits for this input.
        }
        catch (ObjectDisposedException closed)
        {
            // The client went while we waited. Nobody awaits this method: the map's loop throws it.
            Arrived(task, null, closed);
        }
        finally
        {
            lock (_gate)
                _postponed--;
            _ready.Set();
        }
    }

    private void End()
    {
        List<MapTask<TIn, TOut>> left;
        lock (_gate)
        {
            _isOver = true;
            left = [.. _outstanding];
            _outstanding.Clear();
        }

        foreach (var task in left)
            stream.Cancel(task, MapEnded);
    }
}
