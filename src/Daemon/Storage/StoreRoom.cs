using System.Collections.Concurrent;

namespace Queued.Daemon.Storage;

/// <summary>
/// Whether there is room on the disk for more: it ends at the watermark, and where nothing can be written any more.
/// What it says of itself is for every thread, the rest for the store's.
/// </summary>
internal sealed class StoreRoom(StoreOptions options, ILogger logger)
{
    private const int Interval = 1000;

    private readonly ConcurrentDictionary<string, string> _problems = new();
    private readonly FreeSpace _space = new(options);
    private long _measuredAt = -Interval;
    private (bool IsShort, bool IsFull) _told;
    private volatile bool _isFull;

    /// <summary>
    /// The room for new tasks has ended (true), or is there again (false). Also when a group begins, or ends, to wait.
    /// </summary>
    public event Action<bool>? Changed;

    /// <summary>A group waits for room.</summary>
    public bool IsFull => _isFull;

    public IEnumerable<string> Problems => _problems.Values;

    public bool IsShort => _space.IsShort;

    /// <summary>Whether something was written that no measure has seen.</summary>
    public bool IsUnmeasured(long wroteAt) => _measuredAt < wroteAt;

    public void Look()
    {
        if (Environment.TickCount64 - _measuredAt >= Interval) Measure();
    }

    /// <summary>Nothing more is written until <see cref="Release"/>.</summary>
    public void Hold(StoreFailedException failure)
    {
        NoteFull(failure);
        _isFull = true;
        Measure();
    }

    public void Release()
    {
        if (_problems.TryRemove("full", out _)) StoreLog.RoomAgain(logger, options.DatabasePath);
        if (!_isFull) return;
        _isFull = false;
        Tell();
    }

    public void NoteFull(StoreFailedException failure)
    {
        if (!_problems.ContainsKey("full")) StoreLog.Full(logger, options.DatabasePath, failure.Message);
        _problems["full"] = failure.Message;
    }

    private void Measure()
    {
        _measuredAt = Environment.TickCount64;
        try
        {
            if (_space.Measure()) Note();
            _problems.TryRemove("measure", out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was known last is what counts until it can be measured again.
            var problem = $"the room left where {options.Directory} is cannot be measured: {e.Message}";
            if (_problems.TryAdd("measure", problem)) StoreLog.NotMeasured(logger, options.Directory, e);
        }

        Tell();
    }

    private void Note()
    {
        if (_space.IsShort)
        {
            StoreLog.SpaceShort(logger, options.DatabasePath, _space.Available, _space.Watermark);
            _problems["space"] =
                $"{options.Directory} has {_space.Available} bytes free, below the watermark of {_space.Watermark}";
        }
        else
        {
            StoreLog.SpaceBack(logger, options.DatabasePath, _space.Available);
            _problems.TryRemove("space", out _);
        }
    }

    private void Tell()
    {
        var now = (IsShort: _space.IsShort || _isFull, _isFull);
        if (now == _told) return;
        _told = now;
        Changed?.Invoke(now.IsShort);
    }
}
