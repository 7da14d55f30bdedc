using System.Buffers;
using System.Text.Json;
using Queued.Protocol.Streams;

namespace Queued.Client.Maps;

/// <summary>
/// Reads the inputs of a map on a thread of the pool, as far ahead as the window allows, and makes tasks of them. What
/// was read is not held back: it leaves when the chunk is full, when the next input is not there yet, or when nothing
/// else runs.
/// </summary>
internal sealed class MapInputs<TIn, TOut>(
    IAsyncEnumerable<TIn>? asynchronous, IEnumerable<TIn>? synchronous, int window, TimeProvider clock)
    : IAsyncDisposable
{
    private const int PayloadBytesMax = 256 * 1024;

    // Until the first result says how long an input takes, only so many tasks are under way, and twice as many after
    // each such time: short inputs are not all gone alone before that is known, and long ones soon have all workers.
    private const int UnmeasuredTasks = 256;
    private static readonly TimeSpan UnmeasuredTime = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly WakeSignal _roomMade = new();
    private readonly TaskCompletionSource _firstResult = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Utf8JsonWriter _writer = new(Stream.Null);
    private MapRun<TIn, TOut> _run = null!;
    private MapChunk<TIn, TOut>? _open;
    private ArrayBufferWriter<byte> _buffer = new();
    private bool _openIsChunk;
    private int _openMost;
    private long _read;
    private int _submitted;
    private int _unmeasuredMost = UnmeasuredTasks;
    private int _room = window;
    private volatile bool _isReading;
    private volatile bool _isStopped;

    /// <summary>Every input was read and submitted, or reading failed.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public bool IsFinished => Completion.IsCompleted;

    public void Start(MapRun<TIn, TOut> run, CancellationToken cancellationToken)
    {
        _run = run;
        Completion = Task.Run(
            () => asynchronous is not null
                ? ReadAsync(asynchronous, cancellationToken)
                : ReadAsync(synchronous!, cancellationToken),
            CancellationToken.None);

        // The loop must look once more when this task has completed, not just before.
        _ = Completion.ContinueWith(
            static (_, state) => ((MapRun<TIn, TOut>)state!).Wake(),
            run,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>The caller took so many results.</summary>
    public void MakeRoom(int count)
    {
        _firstResult.TrySetResult();
        Interlocked.Add(ref _room, count);
        _roomMade.Set();
    }

    /// <summary>Submits what was read, whether or not the chunk is full.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isStopped || _open is not { Count: > 0 } chunk)
                return;
            if (_openIsChunk)
                MapPayload.End(_writer, _buffer, _run.Codec);
            var payload = _buffer.WrittenMemory;
            _open = null;
            _submitted++;
            _run.Submit(chunk, payload, _openIsChunk);
        }
    }

    /// <summary>
    /// Ends the reading. Does not wait for an input that is being made: its source may never make it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        bool isReading;
        lock (_gate)
            (_isStopped, isReading) = (true, _isReading);
        _roomMade.Set();
        _firstResult.TrySetResult();
        if (!isReading)
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            _writer.Dispose();
    }

    private async Task ReadAsync(IEnumerable<TIn> inputs, CancellationToken cancellationToken)
    {
        using var source = inputs.GetEnumerator();
        while (await WaitForRoomAsync(cancellationToken).ConfigureAwait(false) && TryBeginRead())
        {
            var any = source.MoveNext();
            _isReading = false;
            if (!any)
                break;
            Add(source.Current);
        }

        Flush();
    }

    private async Task ReadAsync(IAsyncEnumerable<TIn> inputs, CancellationToken cancellationToken)
    {
        await using var source = inputs.GetAsyncEnumerator(cancellationToken);
        while (await WaitForRoomAsync(cancellationToken).ConfigureAwait(false) && TryBeginRead())
        {
            var next = source.MoveNextAsync();
            if (!next.IsCompleted)
                Flush();
            var any = await next.ConfigureAwait(false);
            _isReading = false;
            if (!any)
                break;
            Add(source.Current);
        }

        Flush();
    }

    /// <summary>
    /// From here on the source has the thread. Under the gate, so that who ends the reading either sees that or is
    /// seen: else it would wait for a source that may never yield.
    /// </summary>
    private bool TryBeginRead()
    {
        lock (_gate)
        {
            _isReading = !_isStopped;
            return _isReading;
        }
    }

    private void Add(TIn input)
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            if (_open is null)
                Open();
            _open!.Inputs.Add(input);
            _read++;
            Interlocked.Decrement(ref _room);
            _run.Codec.InputValue.Write(_writer, input);
            if (!_openIsChunk)
                _writer.Flush();
            if (_open.Count >= _openMost || _writer.BytesCommitted + _writer.BytesPending >= PayloadBytesMax)
                Flush();
        }
    }

    private void Open()
    {
        var size = _run.UsesChunks ? _run.Sizer.Size : 1;
        _open = new MapChunk<TIn, TOut>(_read);
        _openMost = size;
        _openIsChunk = size > 1 || _run.Codec.SingleContentType is null;
        // A little more than the one before, so that one that is a little longer is not moved to twice the room.
        var bytes = Math.Min(_buffer.WrittenCount, PayloadBytesMax);
        _buffer = new ArrayBufferWriter<byte>(Math.Max(64, bytes + (bytes / 8)));
        if (_openIsChunk)
            MapPayload.Begin(_writer, _buffer, _run.Codec);
        else
            _writer.Reset(_buffer);
    }

    private ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _room) > 0 && !_isStopped && !cancellationToken.IsCancellationRequested
            && (_submitted < _unmeasuredMost || !_run.Sizer.IsMeasuring || _firstResult.Task.IsCompleted)
            ? new ValueTask<bool>(true)
            : WaitAsync(cancellationToken);

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (_submitted >= _unmeasuredMost && _run.Sizer.IsMeasuring && !_firstResult.Task.IsCompleted)
        {
            var time = Task.Delay(UnmeasuredTime, clock, cancellationToken);
            await Task.WhenAny(_firstResult.Task, time).ConfigureAwait(false);
            _unmeasuredMost *= 2;
        }

        while (Volatile.Read(ref _room) <= 0 && !_isStopped)
        {
            Flush();
            await _roomMade.WaitAsync().ConfigureAwait(false);
        }

        return !_isStopped && !cancellationToken.IsCancellationRequested;
    }
}
