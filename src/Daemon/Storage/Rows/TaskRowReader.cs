using Queued.Broker;

namespace Queued.Daemon.Storage.Rows;

/// <summary>
/// Reads many tasks. Who submits a million of them says the same a million times, so what the last row said is said
/// again where the bytes are the same, and a task that only waits shares where it stands with all others that do.
/// </summary>
internal sealed class TaskRowReader
{
    /// <summary>Longer ones, with labels or the like, are not alike.</summary>
    private const int LengthMax = 256;

    private readonly KnownTexts _known = new();
    private readonly byte[] _latestBytes = new byte[LengthMax];
    private readonly byte[] _waitingBytes = new byte[LengthMax];
    private (int Length, byte Version) _latestRow;
    private (int Length, byte Version) _waitingRow;
    private TaskSubmission? _latest;
    private TaskStanding? _waiting;

    /// <exception cref="DamagedRowException">One of the rows is not as it was written.</exception>
    public StoredTask Read(ReadOnlySpan<byte> spec, ReadOnlySpan<byte> standing, TaskId id)
    {
        var row = new RowReader(spec, RowKind.TaskSpec, id.Value, _known);
        var submittedAt = row.Time();
        var retryOf = row.Unsigned();
        TaskId? original = retryOf == 0 ? null : new TaskId(retryOf);
        return new StoredTask(
            id, ReadSubmission(ref row), submittedAt, original, ReadStanding(standing, id));
    }

    private TaskSubmission ReadSubmission(ref RowReader row)
    {
        var bytes = row.Rest;
        if (_latest is not null && _latestRow == (bytes.Length, row.Version) &&
            bytes.SequenceEqual(_latestBytes.AsSpan(0, bytes.Length)))
        {
            return _latest;
        }

        var submission = TaskRows.ReadSubmission(ref row);
        if (bytes.Length > LengthMax) return submission;
        bytes.CopyTo(_latestBytes);
        _latestRow = (bytes.Length, row.Version);
        return _latest = submission;
    }

    private TaskStanding ReadStanding(ReadOnlySpan<byte> standing, TaskId id)
    {
        var row = new RowReader(standing, RowKind.TaskStanding, id.Value, _known);
        var bytes = row.Rest;
        if (_waiting is not null && _waitingRow == (bytes.Length, row.Version) &&
            bytes.SequenceEqual(_waitingBytes.AsSpan(0, bytes.Length)))
        {
            return _waiting;
        }

        var read = TaskRows.ReadStanding(ref row);
        var isPlain = read is { State: TaskState.Queued, LastAttempt: null, PastAttempts.Count: 0 };
        if (!isPlain || bytes.Length > LengthMax) return read;
        bytes.CopyTo(_waitingBytes);
        _waitingRow = (bytes.Length, row.Version);
        return _waiting = read;
    }
}
