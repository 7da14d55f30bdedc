using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Queued.Broker;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>
/// Reads every payload and result that an unclean end has left, which the start did not wait for, some at a time while
/// nobody wants anything of the store. What is damaged is named and stays where it is; its reader hears of it, too.
/// </summary>
/// <param name="options">The store.</param>
/// <param name="lastTask">The newest task of which there may be something. 0: there is nothing to check.</param>
/// <param name="logger">Hears of each damage, and of the end.</param>
internal sealed class PayloadCheck(StoreOptions options, ulong lastTask, ILogger logger)
{
    /// <summary>Milliseconds in which nobody wanted anything, before each step.</summary>
    public const int Pause = 10;

    private const int NamedMax = 10;
    private const int StepRows = 256;

    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentQueue<string> _problems = new();
    private readonly TaskRowReader _rows = new();
    private ulong _checked;
    private long _damaged;

    /// <summary>There is more to check.</summary>
    public bool IsPending { get; private set; } = lastTask > 0;

    /// <summary>What is damaged, for any thread; of many the first.</summary>
    public IEnumerable<string> Problems => _problems;

    public void Step(StoreFile file)
    {
        if (!IsPending) return;
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var read = file.Database.Prepare(
                "SELECT id, spec, standing FROM task WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3");
            read.Bind(1, (long)_checked).Bind(2, (long)lastTask).Bind(3, StepRows);
            var rows = 0;
            while (read.Step("check of payloads"))
            {
                rows++;
                var id = new TaskId((ulong)read.Number(0));
                Check(read, file.Payloads, id);
                _checked = id.Value;
                if (Stopwatch.GetElapsedTime(began) >= StepTime) return;
            }

            if (rows == StepRows) return;
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            Note(new DamagedRow("task", string.Create(CultureInfo.InvariantCulture, $"after {_checked}"), e.Message));
        }

        IsPending = false;
        StoreLog.PayloadsChecked(logger, options.DatabasePath, _damaged);
    }

    private void Check(SqliteStatement read, PayloadTable payloads, TaskId id)
    {
        try
        {
            var task = _rows.Read(read.Bytes(1), read.Bytes(2), id);
            if (task.Submission.Payload.IsStored) payloads.Read(id, PayloadKind.Input);
            if (task.Standing.End?.Result is { IsStored: true }) payloads.Read(id, PayloadKind.Result);
        }
        catch (Exception e) when (e is StoreFailedException { IsDamage: true } || StoreLoader.IsDamage(e))
        {
            Note(new DamagedRow("task", id.ToString(), e.Message));
        }
    }

    private void Note(DamagedRow row)
    {
        _damaged++;
        StoreLog.PayloadDamaged(logger, options.DatabasePath, row);
        if (_damaged <= NamedMax)
        {
            _problems.Enqueue($"damaged in {options.DatabasePath}: {row}");
        }
        else if (_damaged == NamedMax + 1)
        {
            _problems.Enqueue(
                $"more is damaged in {options.DatabasePath}: 'queued check --data {options.Directory}' names it");
        }
    }
}
