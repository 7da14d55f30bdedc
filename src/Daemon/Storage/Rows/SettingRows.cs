using Queued.Broker;

namespace Queued.Daemon.Storage.Rows;

/// <summary>Queues, pools and keys as rows.</summary>
internal static class SettingRows
{
    /// <summary>The part of a row's checksum that stands for a name.</summary>
    public static ulong KeyOf(string name) => Crc32C.Of(System.Text.Encoding.UTF8.GetBytes(name));

    public static ulong KeyOf(string queue, string key) => (KeyOf(queue) << 32) | KeyOf(key);

    public static ReadOnlySpan<byte> Write(RowWriter row, StoredQueue queue)
    {
        row.Begin();
        row.Byte((byte)queue.State);
        var settings = queue.Settings;
        row.Byte((byte)settings.Durability);
        row.Signed(settings.TasksMax);
        row.Signed(settings.BytesMax);
        Write(row, settings.Retry);
        row.OptionalSpan(settings.Timeout);
        row.OptionalSpan(settings.Grace);
        row.OptionalSpan(settings.ResultTtl);
        row.Signed(settings.RunningMax);
        row.Signed(settings.DeadMax);
        row.Byte((byte)(settings.Kind ?? QueueKind.Tasks));
        row.Byte((byte)(settings.Order ?? QueueOrder.Fifo));
        return row.End(RowKind.Queue, KeyOf(queue.Name));
    }

    public static StoredQueue ReadQueue(ReadOnlySpan<byte> bytes, string name)
    {
        var row = new RowReader(bytes, RowKind.Queue, KeyOf(name));
        var state = (QueueState)row.Byte();
        var settings = new QueueSettings
        {
            Durability = (Durability)row.Byte(),
            TasksMax = row.Signed(),
            BytesMax = row.Signed(),
            Retry = ReadRetry(ref row),
            Timeout = row.OptionalSpan(),
            Grace = row.OptionalSpan(),
            ResultTtl = row.OptionalSpan(),
            RunningMax = row.Int32(),
            DeadMax = row.Int32(),
        };
        if (row.Version >= 2)
            settings = settings with { Kind = (QueueKind)row.Byte(), Order = (QueueOrder)row.Byte() };
        return new StoredQueue(name, settings, state);
    }

    public static ReadOnlySpan<byte> Write(RowWriter row, PoolSettings pool)
    {
        row.Begin();
        row.Signed(pool.Size);
        row.Texts(pool.Queues);
        row.Texts(pool.Command);
        row.Flag(pool.Exec);
        row.Pairs(pool.Environment);
        row.Text(pool.WorkingDirectory);
        row.Signed(pool.Slots);
        row.OptionalSpan(pool.BootTimeout);
        row.OptionalSpan(pool.HeartbeatTimeout);
        row.Signed(pool.TasksMax);
        row.OptionalSpan(pool.AgeMax);
        row.Signed(pool.MemorySoftBytes);
        row.Signed(pool.MemoryHardBytes);
        row.OptionalReal(pool.RecycleJitter);
        row.OptionalSpan(pool.StopGrace);
        row.OptionalSpan(pool.TermGrace);
        row.OptionalSpan(pool.RestartBackoff);
        row.OptionalSpan(pool.RestartBackoffMax);
        row.Signed(pool.BreakerFailures);
        return row.End(RowKind.Pool, KeyOf(pool.Name));
    }

    public static PoolSettings ReadPool(ReadOnlySpan<byte> bytes, string name)
    {
        var row = new RowReader(bytes, RowKind.Pool, KeyOf(name));
        return new PoolSettings
        {
            Name = name,
            Size = row.Int32(),
            Queues = row.Texts(),
            Command = row.Texts(),
            Exec = row.Flag(),
            Environment = row.Pairs(),
            WorkingDirectory = row.Text(),
            Slots = row.Int32(),
            BootTimeout = row.OptionalSpan(),
            HeartbeatTimeout = row.OptionalSpan(),
            TasksMax = row.Int32(),
            AgeMax = row.OptionalSpan(),
            MemorySoftBytes = row.Signed(),
            MemoryHardBytes = row.Signed(),
            RecycleJitter = row.OptionalReal(),
            StopGrace = row.OptionalSpan(),
            TermGrace = row.OptionalSpan(),
            RestartBackoff = row.OptionalSpan(),
            RestartBackoffMax = row.OptionalSpan(),
            BreakerFailures = row.Int32(),
        };
    }

    public static ReadOnlySpan<byte> Write(RowWriter row, StoredKey key)
    {
        row.Begin();
        row.Unsigned(key.Task.Value);
        row.Unsigned((ulong)(key.Fingerprint >> 64));
        row.Unsigned((ulong)key.Fingerprint);
        row.Time(key.Until);
        return row.End(RowKind.Key, KeyOf(key.Queue, key.Key));
    }

    public static StoredKey ReadKey(ReadOnlySpan<byte> bytes, string queue, string key)
    {
        var row = new RowReader(bytes, RowKind.Key, KeyOf(queue, key));
        var task = new TaskId(row.Unsigned());
        var fingerprint = new UInt128(row.Unsigned(), row.Unsigned());
        return new StoredKey(queue, key, task, fingerprint, row.Time());
    }

    public static void Write(RowWriter row, RetrySettings? retry)
    {
        row.Flag(retry is not null);
        if (retry is null) return;
        row.Signed(retry.MaxAttempts);
        row.Signed(retry.MaxDeliveries);
        row.OptionalSpan(retry.InitialBackoff);
        row.Real(retry.Multiplier);
        row.OptionalSpan(retry.MaxBackoff);
        row.OptionalReal(retry.Jitter);
        row.Texts(retry.NonRetryableErrorTypes);
    }

    public static RetrySettings? ReadRetry(ref RowReader row) => !row.Flag() ? null : new RetrySettings
    {
        MaxAttempts = row.Int32(),
        MaxDeliveries = row.Int32(),
        InitialBackoff = row.OptionalSpan(),
        Multiplier = row.Real(),
        MaxBackoff = row.OptionalSpan(),
        Jitter = row.OptionalReal(),
        NonRetryableErrorTypes = row.Texts(),
    };
}
